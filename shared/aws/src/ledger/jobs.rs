//! Jobs: each an item of its own, named once in its tenant's list, and among those that run while it runs. Both names
//! are written before the job, so that no job is without them; a name without its job says nothing.

use super::item::{BODY, body, json, key, number, place_of, text};
use super::names::{self, Place, sortable, sorted_time};
use super::table::{Condition, Range, Table, Written};
use aws_sdk_dynamodb::types::ReturnValue;
use domain::{JobId, TenantId};
use export_flow::ports::{Job, Page, PortError};
use std::collections::HashMap;

const RUNNING: &str = "running";

/// Reads and writes jobs.
pub(crate) struct Jobs<'a> {
    pub(crate) table: &'a Table,
}

/// Where a tenant's list names a job; its sort key is the list's cursor.
fn listed(job: &Job) -> Result<Place, PortError> {
    let sk = format!("{}#{}", sortable(job.created_at), names::joined(&[job.id.as_str()]));
    Place::new(names::joined(&["jobs", job.tenant.as_str()]), sk)
}

fn runs(id: &JobId) -> Result<Place, PortError> {
    Place::new(names::RUNNING_JOBS.to_owned(), id.to_string())
}

impl Jobs<'_> {
    pub(crate) async fn one(&self, id: &JobId) -> Result<Option<Job>, PortError> {
        self.table.get(&names::single("job", id.as_str())?, true).await?.as_ref().map(body).transpose()
    }

    pub(crate) async fn put(&self, job: &Job) -> Result<bool, PortError> {
        let Some(before) = job.version.checked_sub(1) else { return Ok(false) };
        if before == 0 {
            self.table.put(key(&listed(job)?)).await?;
            if job.state == RUNNING {
                self.table.put(key(&runs(&job.id)?)).await?;
            }
        }
        // A job written before there were versions has none, like one that is not there.
        let condition = Condition::default().and("vn", (before > 0).then(|| number(before)));
        let change = vec![(BODY, Some(text(json(job)?))), ("vn", Some(number(job.version)))];
        let place = names::single("job", job.id.as_str())?;
        let written = self.table.update(&place, change, condition, ReturnValue::None).await?;
        let done = matches!(written, Written::Done(_));
        if done && job.state != RUNNING {
            self.table.delete(&runs(&job.id)?, Condition::default()).await?;
        }
        Ok(done)
    }

    pub(crate) async fn page(
        &self,
        tenant: &TenantId,
        limit: usize,
        cursor: Option<&str>,
    ) -> Result<Page<Job>, PortError> {
        if cursor.is_some_and(|cursor| sorted_time(cursor).is_none()) {
            return Err(PortError::Damaged("not a cursor of ours".into()));
        }
        let partition = names::joined(&["jobs", tenant.as_str()]);
        let mut above = cursor.map_or_else(|| "~".to_owned(), ToOwned::to_owned);
        let (mut items, wanted) = (vec![], limit.saturating_add(1));
        while items.len() < wanted {
            let range = Range {
                partition: partition.clone(),
                between: Some(("0".to_owned(), above.clone())),
                backwards: true,
                consistent: true,
                // The one at the cursor comes once more.
                limit: Some(wanted.saturating_add(1)),
                ..Range::default()
            };
            let named = self.table.query(&range).await?;
            let more = named.len() > wanted;
            let mut places = vec![];
            for item in &named {
                places.push(place_of(item)?);
            }
            let last = places.last().map(|place| place.sk.clone());
            places.retain(|place| place.sk != above);
            items.extend(self.named(&places).await?);
            match last {
                Some(last) if more => above = last,
                _ => break,
            }
        }
        let more = items.len() > limit;
        items.truncate(limit);
        let next = match items.last().filter(|_| more) {
            Some(last) => Some(listed(last)?.sk),
            None => None,
        };
        Ok(Page { items, next })
    }

    /// The jobs that these lines name, in their order. One whose time is not the line's was made by another line.
    async fn named(&self, lines: &[Place]) -> Result<Vec<Job>, PortError> {
        let mut places = vec![];
        for line in lines {
            if let [_, id] = names::split(&line.sk).as_slice() {
                places.push(names::single("job", id)?);
            }
        }
        let mut known = HashMap::new();
        for job in self.table.get_all(&places, true).await?.iter().map(body::<Job>) {
            let job = job?;
            known.insert(listed(&job)?.sk, job);
        }
        Ok(lines.iter().filter_map(|line| known.remove(&line.sk)).collect())
    }

    pub(crate) async fn running(&self, limit: usize) -> Result<Vec<Job>, PortError> {
        let range =
            Range { partition: names::RUNNING_JOBS.into(), consistent: true, limit: Some(limit), ..Range::default() };
        let mut running = vec![];
        for item in self.table.query(&range).await? {
            let id = JobId::new(place_of(&item)?.sk);
            match self.one(&id).await? {
                Some(job) if job.state == RUNNING => running.push(job),
                // It ended, and whoever ended it did so before its name was taken away.
                Some(_) => {
                    self.table.delete(&runs(&id)?, Condition::default()).await?;
                }
                None => {}
            }
        }
        Ok(running)
    }
}
