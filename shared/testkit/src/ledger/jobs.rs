//! Jobs, in the order in which they were made.

use domain::{JobId, TenantId};
use export_flow::ports::{Job, Page, PortError};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default)]
pub(super) struct Jobs {
    known: BTreeMap<JobId, Job>,
    made: Vec<JobId>,
}

impl Jobs {
    pub(super) fn get(&self, id: &JobId) -> Option<Job> {
        self.known.get(id).cloned()
    }

    pub(super) fn put(&mut self, job: &Job) -> bool {
        let fits = self.known.get(&job.id).map_or(0, |known| known.version) + 1 == job.version;
        if fits && self.known.insert(job.id.clone(), job.clone()).is_none() {
            self.made.push(job.id.clone());
        }
        fits
    }

    pub(super) fn page(&self, tenant: &TenantId, limit: usize, cursor: Option<&str>) -> Result<Page<Job>, PortError> {
        let before = match cursor {
            None => self.made.len(),
            Some(text) => text.parse().map_err(|_| PortError::Damaged("not a cursor of ours".into()))?,
        };
        let made = self.made.iter().enumerate().take(before).rev();
        let jobs = made.filter_map(|(at, id)| Some((at, self.known.get(id)?)));
        let mut found: Vec<_> = jobs.filter(|(_, job)| job.tenant == *tenant).take(limit + 1).collect();
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|(at, _)| at.to_string());
        Ok(Page { items: found.into_iter().map(|(_, job)| job.clone()).collect(), next })
    }

    pub(super) fn running(&self, limit: usize) -> Vec<Job> {
        self.known.values().filter(|job| job.state == "running").take(limit).cloned().collect()
    }
}
