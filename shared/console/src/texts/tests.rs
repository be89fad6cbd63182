//! Nothing is missing: what the pages say is written in English, and whatever is in English is in every other language.

mod folder;
mod said;

use super::language::{ENGLISH, LANGUAGES, english};
use super::words::STEPS;
use connectors::{Registry, Spec};
use domain::{Advice, FieldProblem, Word, remark};
use folder::{Folder, Gaps};
use said::Way;
use std::collections::{BTreeMap, BTreeSet};

/// Beginnings of the names that pages make at run time.
const MADE: &[&str] =
    &["audit-names-", "connections-step-", "field-name-", "field-problem-", "jobs-kind-", "jobs-state-"];

/// Words of the frame that are there for any page to take.
const COMMON: &[&str] = &["cancel", "confirm", "note"];

fn none_missing(lines: &[String]) {
    assert!(lines.is_empty(), "missing:\n{}", lines.join("\n"));
}

fn of_others(missing: impl Fn(&Folder) -> Vec<String>) {
    let others = Folder::all().into_iter().filter(|folder| folder.code != ENGLISH);
    let named = |folder: Folder| missing(&folder).into_iter().map(move |line| format!("{}: {line}", folder.code));
    none_missing(&others.flat_map(named).collect::<Vec<_>>());
}

/// What of `wanted` is not there, has other gaps, or is not wanted at all.
fn compared(there: &BTreeMap<String, Gaps>, wanted: &BTreeMap<String, Gaps>) -> Vec<String> {
    let mut lines = vec![];
    for (key, gaps) in wanted {
        match there.get(key) {
            None => lines.push(key.clone()),
            Some(other) if other != gaps => lines.push(format!("{key}: gaps {other:?} for {gaps:?}")),
            Some(_) => {}
        }
    }
    lines.extend(there.keys().filter(|key| !wanted.contains_key(*key)).map(|key| format!("{key} in English")));
    lines
}

/// The names of the texts of a word.
fn of_word(word: &Word) -> Vec<String> {
    let key = format!("{}-{}", word.kind, word.word);
    let texts = [("", word.label), (".explanation", word.explanation), (".next", word.next_step)];
    texts.iter().filter(|(_, text)| !text.is_empty()).map(|(ending, _)| format!("{key}{ending}")).collect()
}

fn of_words() -> BTreeMap<String, Gaps> {
    domain::words().iter().flat_map(of_word).map(|key| (key, Gaps::new())).collect()
}

fn of_remarks() -> BTreeMap<String, Gaps> {
    let key = |code: &str| format!("remark-{}", code.replace('_', "-"));
    let gaps = |shape: &remark::Shape| shape.gaps.iter().map(|gap| (*gap).to_owned()).collect();
    remark::ALL.iter().map(|shape| (key(shape.code), gaps(shape))).collect()
}

/// The names of the texts of a connector.
fn of_connector(spec: &Spec) -> Vec<String> {
    let mut keys = vec!["about".to_owned()];
    for field in spec.fields {
        keys.push(format!("field-{}", field.name));
        keys.extend((!field.help.is_empty()).then(|| format!("field-{}.help", field.name)));
    }
    keys.extend(spec.operations.iter().map(|one| format!("promise-{}", one.operation.as_str())));
    keys.extend(spec.webhook.iter().flat_map(|_| ["webhook-setup".to_owned(), "webhook-retries".to_owned()]));
    keys.into_iter().map(|key| format!("{}/{key}", spec.id)).collect()
}

#[test]
fn every_file_of_messages_can_be_read_and_says_nothing_twice() {
    let faults: Vec<String> = Folder::all().into_iter().flat_map(|folder| folder.faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn english_comes_first_of_the_folders() {
    let codes: Vec<&str> = LANGUAGES.iter().map(|language| language.code).collect();
    assert_eq!((english().code, codes.first()), (ENGLISH, Some(&ENGLISH)));
    let known: BTreeSet<String> = codes.into_iter().map(str::to_owned).collect();
    assert_eq!(known, Folder::all().into_iter().map(|folder| folder.code).collect());
}

#[test]
fn whatever_is_said_is_written_in_english() {
    let english = Folder::read(ENGLISH);
    let mut lines = vec![];
    for (file, way, key) in said::calls() {
        match english.messages.get(&key) {
            None => lines.push(format!("{key}, said in {file}")),
            Some(gaps) if !way.fills(gaps) => lines.push(format!("{key}, said in {file}: gaps {gaps:?} for {way:?}")),
            Some(_) => {}
        }
    }
    // Names that are chosen between before they are said.
    for (file, key) in said::names_of_pages() {
        let known = |beginning: &&&str| key.starts_with(beginning.trim_end_matches('-'));
        if !english.messages.contains_key(&key) && MADE.iter().find(known).is_none() && english.has_file_of(&key) {
            lines.push(format!("{key}, named in {file}"));
        }
    }
    none_missing(&lines);
}

#[test]
fn whatever_is_written_in_english_is_said() {
    let mut said: BTreeSet<String> = said::calls().into_iter().map(|(_, _, key)| key).collect();
    // A name in one word is no sign of a text: forms have fields of that name.
    said.extend(said::literals().into_iter().filter(|name| name.contains('-')));
    let made = |key: &str| MADE.iter().any(|beginning| key.starts_with(beginning));
    // What stands below a text is found by its name.
    let below: Vec<String> =
        said.iter().flat_map(|key| [".explanation", ".next"].map(|end| format!("{key}{end}"))).collect();
    said.extend(below);
    let keys = Folder::read(ENGLISH).messages.into_keys();
    let unsaid: Vec<String> =
        keys.filter(|key| !said.contains(key) && !made(key) && !COMMON.contains(&key.as_str())).collect();
    assert!(unsaid.is_empty(), "never said: {unsaid:?}");
    let unmade: Vec<_> = MADE.iter().filter(|beginning| !said.contains(beginning.trim_end_matches('-'))).collect();
    assert!(unmade.is_empty(), "never made: {unmade:?}");
}

#[test]
fn every_message_of_the_pages_is_in_every_language() {
    let english = Folder::read(ENGLISH).messages;
    let mut words = of_words();
    words.extend(of_remarks());
    of_others(|folder| {
        let pages = folder.messages.iter().filter(|(key, _)| !words.contains_key(*key));
        compared(&pages.map(|(key, gaps)| (key.clone(), gaps.clone())).collect(), &english)
    });
}

#[test]
fn every_word_is_in_every_language() {
    let words = of_words();
    of_others(|folder| {
        let known = folder.messages.iter().filter(|(key, _)| words.contains_key(*key));
        compared(&known.map(|(key, gaps)| (key.clone(), gaps.clone())).collect(), &words)
    });
}

#[test]
fn every_remark_is_in_every_language() {
    let wanted = of_remarks();
    of_others(|folder| {
        let remarks = folder.messages.iter().filter(|(key, _)| key.starts_with("remark-"));
        compared(&remarks.map(|(key, gaps)| (key.clone(), gaps.clone())).collect(), &wanted)
    });
}

#[test]
fn every_problem_of_a_field_is_said() {
    let english = Folder::read(ENGLISH).messages;
    let keys = FieldProblem::ALL.iter().map(|problem| format!("field-problem-{}", problem.as_str().replace('_', "-")));
    let wanted: BTreeMap<String, Gaps> = keys.map(|key| (key, Gaps::new())).collect();
    let there = english.into_iter().filter(|(key, _)| key.starts_with("field-problem-")).collect();
    none_missing(&compared(&there, &wanted));
}

/// Pages leave out what asks nothing of anybody, and know it by its words.
#[test]
fn nothing_to_do_is_said_alike() {
    let nothing = "nothing-to-do";
    let idle = domain::words().into_iter().filter(|word| Some(word.next_step) == english().plain(nothing));
    let keys: Vec<String> = idle.map(|word| format!("{}-{}.next", word.kind, word.word)).collect();
    assert!(keys.len() > 1, "{keys:?}");
    let others = LANGUAGES.iter().filter(|language| language.code != ENGLISH);
    let lines = others.flat_map(|language| {
        let differs = keys.iter().filter(|key| language.plain(key) != language.plain(nothing));
        differs.map(|key| format!("{}: {key}: the words of {nothing}", language.code))
    });
    none_missing(&lines.collect::<Vec<_>>());
}

#[test]
fn every_page_of_advice_is_in_every_language() {
    let pages = Advice::all();
    of_others(|folder| {
        let mut lines = vec![];
        let mut headings: Option<Vec<String>> = None;
        for page in &pages {
            let about = page.word.word;
            let Some(text) = folder.advice.get(about) else {
                lines.push(format!("advice/{about}"));
                continue;
            };
            let sections = super::words::sections(text);
            let called: Vec<String> = sections.iter().map(|(heading, _)| heading.clone()).collect();
            let english = page.sections();
            let count = |text: &str| text.matches('`').count();
            let steps = |text: &str| text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).count();
            if sections.len() != english.len() || sections.iter().any(|(_, text)| text.is_empty()) {
                lines.push(format!("advice/{about}: some of {} sections", english.len()));
                continue;
            }
            if headings.get_or_insert_with(|| called.clone()) != &called {
                lines.push(format!("advice/{about}: the headings of the other pages"));
            }
            for (n, ((heading, text), (_, original))) in sections.iter().zip(&english).enumerate() {
                if count(text) != count(original) {
                    lines.push(format!("advice/{about}: {heading}: some of {} backticks", count(original)));
                }
                if n == STEPS && steps(text) != steps(original) {
                    lines.push(format!("advice/{about}: {heading}: some of {} steps", steps(original)));
                }
            }
        }
        let known = |about: &String| pages.iter().any(|page| page.word.word == about);
        lines.extend(folder.advice.keys().filter(|about| !known(about)).map(|about| format!("{about} in English")));
        lines
    });
}

#[test]
fn every_connector_is_in_every_language() {
    let wanted = Registry::standard().specs().flat_map(of_connector).map(|key| (key, Gaps::new())).collect();
    of_others(|folder| compared(&folder.connectors, &wanted));
}

#[test]
fn what_is_filled_is_judged_by_its_gaps() {
    let gaps = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Gaps>();
    assert!(Way::Plain.fills(&gaps(&[])) && !Way::Plain.fills(&gaps(&["n"])));
    assert!(Way::Number.fills(&gaps(&["n"])) && !Way::Number.fills(&gaps(&["name"])));
    assert!(Way::Filled.fills(&gaps(&["found"])) && !Way::Filled.fills(&gaps(&[])));
}
