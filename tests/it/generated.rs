//! Pages that are made from the code: they must say what the code says.

use crate::house::root;
use connectors::Registry;
use domain::Verified;
use std::fmt::Write as _;
use std::fs;

const FIX: &str = "run `BLESS=1 cargo test -p tests --test it generated` and look at the change";

/// Which connector carries what, what the target offers against doubles, and how well that is known.
fn guarantees() -> String {
    let mut table = String::from(
        "| connector | carries | in the target's own terms | guarantee | facts from |\n|---|---|---|---|---|\n",
    );
    for spec in Registry::standard().specs().filter(|spec| !spec.operations.is_empty()) {
        for operation in spec.operations {
            let class = domain::word("guarantee", &format!("{:?}", operation.guarantee)).map_or("", |word| word.label);
            let what = domain::word("operation", operation.operation.as_str()).map_or("", |word| word.label);
            let from = match operation.verified {
                Verified::Live => "a live account",
                Verified::OfficialSample => "the vendor's samples; not yet a live account",
                Verified::OfficialText => "the vendor's documentation; not yet a live account",
                Verified::Secondary => "others' accounts of it; not yet a live account",
            };
            let bound = operation.late_bound;
            let promise = operation.promise;
            writeln!(
                table,
                "| {} | {what} | {promise} | **{:?}**: {class}; may come late by {bound:#} | {from} |",
                spec.label, operation.guarantee
            )
            .unwrap();
        }
    }
    table
}

/// Every word of the API with its advice.
fn words() -> String {
    let mut page = String::from(
        "# Words\n\nEvery state, reason, code and class that the API and the pages use. Made from the code. What to do about a code or\nreason, step by step, stands on [a page of its own](codes.md).\n\n| kind | word | means | what to do |\n|---|---|---|---|\n",
    );
    for word in domain::words() {
        writeln!(
            page,
            "| {} | `{}` | **{}**: {} | {} |",
            word.kind, word.word, word.label, word.explanation, word.next_step
        )
        .unwrap();
    }
    page
}

/// Every page of advice, one after the other.
fn advice() -> String {
    let mut page = String::from(
        "# Codes and reasons\n\nWhat each means, why it usually happens, what happens by itself, what to do, and how one sees that it is repaired. The\nprogram shows the same at `/codes`, and gives it to programs at `GET /api/v1/codes`. Made from `shared/domain/advice`.\n",
    );
    for advice in domain::Advice::all() {
        let domain::Word { word, label, explanation, .. } = advice.word;
        write!(page, "\n## `{word}`\n\n**{label}**: {explanation}\n").unwrap();
        for (heading, text) in advice.sections() {
            let between = if text.starts_with("1. ") { "\n\n" } else { " " };
            write!(page, "\n**{heading}.**{between}{text}\n").unwrap();
        }
    }
    page
}

fn check(path: &str, expected: &str) {
    let file = root().join(path);
    let found = fs::read_to_string(&file).unwrap_or_default();
    if found != expected && std::env::var_os("BLESS").is_some() {
        fs::write(&file, expected).unwrap();
        return;
    }
    assert!(found == expected, "{path} does not say what the code says: {FIX}");
}

#[test]
fn the_readme_shows_the_guarantees_of_the_connectors() {
    let path = "README.md";
    let found = fs::read_to_string(root().join(path)).unwrap();
    let (before, rest) = found.split_once("<!-- guarantees -->\n").expect("README.md has the mark <!-- guarantees -->");
    let (_, after) = rest.split_once("<!-- /guarantees -->").expect("README.md has the mark <!-- /guarantees -->");
    check(path, &format!("{before}<!-- guarantees -->\n{}<!-- /guarantees -->{after}", guarantees()));
}

#[test]
fn the_page_of_words_lists_all_of_them() {
    check("infra/docs/words.md", &words());
}

#[test]
fn the_page_of_codes_has_the_advice_for_all_of_them() {
    check("infra/docs/codes.md", &advice());
}
