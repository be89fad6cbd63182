//! The nightly batch export of a source that has the rule: once per due time, whoever looks first.

use super::batch::BatchRequest;
use crate::flow::Flow;
use crate::ports::PortError;
use crate::refused::Refused;
use domain::{Connection, ConnectionState, JobId, NightlyBatch};
use jiff::{SignedDuration, Timestamp};

/// Who asked, in the job's words.
const SCHEDULE: &str = "schedule";

impl Flow {
    /// Starts the batch export that a source's rule asks for, if its time has come and nobody has started it. True if
    /// this call did. A machine that was off at the time does it when it is on again.
    ///
    /// # Errors
    /// [`PortError`] if the job cannot be read, written or queued.
    pub async fn start_nightly(&self, source: &Connection) -> Result<bool, PortError> {
        let Some(rule) = &source.rules.batch_export else { return Ok(false) };
        let in_use = matches!(source.state, ConnectionState::Active | ConnectionState::Paused);
        // A time before the rule was written is nobody's wish.
        let due = last_due(rule, self.now()).filter(|due| in_use && *due >= source.changed_at);
        let Some(due) = due else { return Ok(false) };
        // The name is the condition: of all who find the time come, one writes the job.
        let id = JobId::new(format!("job_nightly_{}_{}", source.id, due.strftime("%Y%m%dT%H%M%SZ")));
        if self.parts.ledger.job(&id).await?.is_some() {
            return Ok(false);
        }
        let back = SignedDuration::from_hours(24 * i64::from(rule.days_back));
        let request = BatchRequest {
            source: Some(source.id.clone()),
            since: due.checked_sub(back).ok(),
            by: Some(SCHEDULE.to_owned()),
            ..BatchRequest::default()
        };
        let job = match self.new_batch(id, &source.tenant, &request).await {
            Ok(job) => job,
            Err(Refused::Ours(error)) => return Err(error),
            Err(why) => {
                tracing::warn!(event = "job.not_started", connection = source.id.as_str(), %why);
                return Ok(false);
            }
        };
        if !self.parts.ledger.put_job(&job).await? {
            return Ok(false);
        }
        self.queue_job(&job.id).await?;
        tracing::info!(event = "job.started", job = job.id.as_str(), connection = source.id.as_str());
        Ok(true)
    }
}

/// The latest time by now at which the rule is due. An hour that a change of clocks leaves out is the one after it; one
/// that it repeats counts once.
fn last_due(rule: &NightlyBatch, now: Timestamp) -> Option<Timestamp> {
    let zone = jiff::tz::TimeZone::get(&rule.time_zone).ok()?;
    let at = rule.time()?;
    let today = now.to_zoned(zone.clone()).date();
    let due = |day: jiff::civil::Date| Some(day.to_datetime(at).to_zoned(zone.clone()).ok()?.timestamp());
    due(today).filter(|due| *due <= now).or_else(|| due(today.yesterday().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(at: &str, zone: &str, now: &str) -> String {
        let rule = NightlyBatch { at: at.into(), days_back: 7, time_zone: zone.into() };
        last_due(&rule, now.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn a_time_of_day_is_that_of_its_place() {
        assert_eq!(due("02:30", "UTC", "2026-11-27T02:29:59Z"), "2026-11-26T02:30:00Z");
        assert_eq!(due("02:30", "UTC", "2026-11-27T02:30:00Z"), "2026-11-27T02:30:00Z");
        assert_eq!(due("02:30", "Europe/Prague", "2026-11-27T12:00:00Z"), "2026-11-27T01:30:00Z");
        assert_eq!(due("23:30", "America/New_York", "2026-11-27T04:00:00Z"), "2026-11-26T04:30:00Z");
    }

    #[test]
    fn a_night_on_which_the_clocks_change_has_one_due_time() {
        // In Prague 02:30 of 29 March 2026 does not exist, and 02:30 of 25 October 2026 comes twice.
        assert_eq!(due("02:30", "Europe/Prague", "2026-03-29T12:00:00Z"), "2026-03-29T01:30:00Z");
        for now in ["2026-10-25T00:31:00Z", "2026-10-25T01:31:00Z", "2026-10-25T23:00:00Z"] {
            assert_eq!(due("02:30", "Europe/Prague", now), "2026-10-25T00:30:00Z", "{now}");
        }
    }
}
