//! What a person does on the pages, from the first click to the proof: the real program and the practice vendors as
//! processes, and a real browser in which no script runs. Needs Chromium and axe-core, which a newcomer need not have:
//! `.ci/run` fetches both and runs this.

#[cfg(test)]
mod allowing;
#[cfg(test)]
#[path = "../../shared/console/tests/pages/axe.rs"]
mod axe;
#[cfg(test)]
#[allow(dead_code, reason = "the tests of the pages use more of it")]
#[path = "../../shared/console/tests/pages/chromium.rs"]
mod chromium;
#[cfg(test)]
mod deciding;
#[cfg(test)]
mod first;
#[cfg(test)]
#[allow(dead_code, reason = "the black box tests use more of it")]
#[path = "../box/http.rs"]
mod http;
#[cfg(test)]
mod person;
#[cfg(test)]
mod polish;
#[cfg(test)]
mod rotating;
#[cfg(test)]
#[allow(dead_code, reason = "the black box tests use more of it")]
#[path = "../box/stage.rs"]
mod stage;
#[cfg(test)]
mod texts;
#[cfg(test)]
mod waiting;
