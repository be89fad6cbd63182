//! What a delivered document is charged, line by line.

use crate::calls::{Kind, LINES};
use crate::endpoint::Endpoint;
use crate::paths::{PACE, Played, Player};
use crate::prices::{Prices, Region};
use crate::stage::Stage;
use std::process::ExitCode;
use std::time::Duration;

/// Of the plain path in batches of ten.
const UNITS_MAX: f64 = 6.5;
/// Request charges of a million of them.
const MILLION_MAX: f64 = 3.00;
/// The region of the budget; the other is shown beside it.
const HOME: &str = "us-east-1";
const OTHER: &str = "eu-central-1";
/// As in the template.
const WEBHOOK_GB: f64 = 256.0 / 1024.0;
const WORKER_GB: f64 = 512.0 / 1024.0;
const PASSES_A_MONTH: f64 = 60.0 * 24.0 * 30.0;
/// What the table stores with every item.
const ITEM_OVERHEAD: usize = 100;

impl Played {
    /// For each document, of charges that are like this.
    fn each(&self, like: impl Fn(&crate::calls::Charge) -> bool) -> f64 {
        // The sum of nothing is otherwise a negative zero.
        let units = self.charges.iter().filter(|charge| like(charge)).fold(0.0, |sum, charge| sum + charge.units);
        units / self.count()
    }

    fn count(&self) -> f64 {
        f64::from(u32::try_from(self.documents).unwrap())
    }

    fn units(&self) -> f64 {
        self.each(|charge| charge.kind != Kind::Keys)
    }

    /// Request charges of a million documents.
    fn million(&self, region: &Region) -> f64 {
        let kinds = [Kind::Write, Kind::Read, Kind::Queue, Kind::Lambda];
        kinds.iter().map(|kind| self.each(|charge| charge.kind == *kind) * region.million(*kind)).sum()
    }

    /// Bytes that stay in the table.
    fn stored(&self) -> f64 {
        let kept = self.charges.iter().filter(|charge| charge.bytes > 0 && charge.line != "claim");
        f64::from(u32::try_from(kept.map(|charge| charge.bytes + ITEM_OVERHEAD).sum::<usize>()).unwrap()) / self.count()
    }

    fn largest(&self, line: &str) -> usize {
        self.charges.iter().filter(|charge| charge.line == line).map(|charge| charge.bytes).max().unwrap_or(0)
    }
}

/// Plays everything and prints the receipt. Fails above the budget.
pub(crate) async fn run() -> ExitCode {
    let stage = Stage::empty().await;
    let endpoint = Endpoint::before(stage.aws.clone()).await;
    let player = Player::new(&stage, &endpoint).await;
    let tens = player.all(10).await;
    let ones = player.all(1).await;
    let prices = Prices::read();
    println!("<!-- receipts -->");
    println!(
        "An invoice from Fakturoid to Mirakl; one sandbox of each function, which carries {PACE} documents a second.\n"
    );
    breakdown(&tens, 10);
    breakdown(&ones, 1);
    paths(&tens, &ones, &prices);
    beside(&tens, &prices);
    println!("<!-- /receipts -->");
    judge(find(&tens, "plain"), &prices)
}

fn find<'a>(all: &'a [Played], name: &str) -> &'a Played {
    all.iter().find(|played| played.name == name).unwrap()
}

/// Paths and their words.
const PATHS: [(&str, &str); 11] = [
    ("plain", "plain: the ledger knows the order"),
    ("first", "first document of its order: the channel is asked, the order remembered"),
    ("tracking", "a tracking number, Sendcloud to Mirakl"),
    ("duplicate", "the webhook comes again"),
    ("listed", "a poll lists what a webhook has told of"),
    ("not paid yet", "held: not paid yet"),
    ("paid then", "paid then, and delivered"),
    ("order unknown", "held: its order is not known yet"),
    ("failed once", "failed once, then delivered"),
    ("dead", "failed three times: a dead letter"),
    ("cold", "plain, the first batch of new sandboxes"),
];

/// Units of each line, of every path.
fn breakdown(all: &[Played], size: usize) {
    let known: Vec<&Played> = PATHS.iter().filter_map(|(name, _)| all.iter().find(|p| p.name == *name)).collect();
    println!("Charged units for each document, in batches of {size}:\n");
    let heads: Vec<&str> = known.iter().map(|played| played.name).collect();
    println!("| line | {} |", heads.join(" | "));
    println!("|---|{}", "--:|".repeat(known.len()));
    for line in LINES {
        let units: Vec<f64> =
            known.iter().map(|p| p.each(|charge| charge.line == line && charge.kind != Kind::Keys)).collect();
        if units.iter().any(|units| *units > 0.0) {
            println!("| {line} | {} |", cells(&units));
        }
    }
    println!("| **all** | {} |\n", cells(&known.iter().map(|played| played.units()).collect::<Vec<_>>()));
}

fn cells(units: &[f64]) -> String {
    let cells: Vec<String> =
        units.iter().map(|units| if *units > 0.0 { format!("{units:.2}") } else { String::new() }).collect();
    cells.join(" | ")
}

fn paths(tens: &[Played], ones: &[Played], prices: &Prices) {
    println!("Request charges of a million, {}, prices of {} ({HOME} / {OTHER}).\n", prices.currency, prices.date);
    println!("| what happens | units, batches of 10 | units, of 1 | a million, batches of 10 | a million, of 1 |");
    println!("|---|--:|--:|--:|--:|");
    let money = |played: &Played| {
        let [home, other] = [HOME, OTHER].map(|region| played.million(&prices.regions[region]));
        format!("{home:.2} / {other:.2}")
    };
    for (name, words) in PATHS {
        let ten = find(tens, name);
        let one = ones.iter().find(|played| played.name == name);
        let (units, price) = one.map_or_else(Default::default, |one| (format!("{:.2}", one.units()), money(one)));
        println!("| {words} | {:.2} | {units} | {} | {price} |", ten.units(), money(ten));
    }
    println!();
}

/// What is charged beside requests.
fn beside(tens: &[Played], prices: &Prices) {
    let (plain, cold) = (find(tens, "plain"), find(tens, "cold"));
    let home = &prices.regions[HOME];
    let seconds = |time: Duration| time.as_secs_f64() / plain.count();
    let (webhooks, batches) = (seconds(plain.ran.webhooks), seconds(plain.ran.batches));
    let worked = webhooks * WEBHOOK_GB + batches * WORKER_GB;
    let logged = f64::from(u32::try_from(plain.logged).unwrap()) / plain.count();
    let stored = plain.stored();
    println!("Beside the requests, a plain document in batches of 10 ({HOME}):\n");
    println!("| what | each | a million, {} |", prices.currency);
    println!("|---|--:|--:|");
    println!(
        "| Lambda duration, on this machine with vendors that answer at once | {worked:.4} GB-s | {:.2} |",
        worked * 1e6 * home.lambda_arm_gb_second
    );
    println!("| logs and metrics written | {logged:.0} bytes | {:.2} |", logged / 1e3 * home.logs_ingested_gb);
    println!(
        "| stored in the table, a month | {stored:.0} bytes | {:.2} |",
        stored / 1e3 * home.dynamodb_storage_gb_month
    );
    println!("| a PDF of 100 kB sent out | 100 kB | {:.2} |", 100.0 * home.egress_gb);
    let keys = |played: &Played| played.each(|charge| charge.kind == Kind::Keys) * played.count();
    println!(
        "| KMS requests: {:.0} while {} documents were carried, {:.0} in the first batch of new sandboxes, then one for each connection, sandbox and hour | | {:.2} |",
        keys(plain),
        plain.documents,
        keys(cold),
        plain.each(|charge| charge.kind == Kind::Keys) * home.million(Kind::Keys)
    );
    let idle = find(tens, "idle pass");
    println!(
        "| a minute's pass of the sweep with nothing to do and four connections | {:.0} units | {:.2} a month |",
        idle.units(),
        idle.million(home) / 1e6 * PASSES_A_MONTH
    );
    println!(
        "\nLargest items written: claim {} bytes, delivered record {}, document index {}. {}\n",
        plain.largest("claim"),
        plain.largest("completion"),
        plain.largest("document index"),
        prices.note
    );
}

fn judge(plain: &Played, prices: &Prices) -> ExitCode {
    let (units, million) = (plain.units(), plain.million(&prices.regions[HOME]));
    if units <= UNITS_MAX && million <= MILLION_MAX {
        return ExitCode::SUCCESS;
    }
    eprintln!(
        "above the budget: {units:.2} units (at most {UNITS_MAX}), {million:.2} a million (at most {MILLION_MAX})"
    );
    ExitCode::FAILURE
}
