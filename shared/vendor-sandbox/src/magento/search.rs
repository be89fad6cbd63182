//! `searchCriteria`: groups joined by AND, filters in a group by OR, and pages.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::entities::Order;
use super::{Magento, refuse, required};
use crate::http::{Answer, Call};

/// Page sizes where input limits are on (REST search criteria page).
const DEFAULT_PAGE: usize = 20;
const LARGEST_PAGE: usize = 300;

#[derive(Debug, Default, Clone)]
struct Filter {
    field: String,
    value: String,
    condition: String,
}

#[derive(Debug, Default)]
struct Criteria {
    groups: Vec<Vec<Filter>>,
    size: Option<usize>,
    page: usize,
    sort: Option<(String, bool)>,
}

/// `searchCriteria[a][0][b]` as `["a","0","b"]`.
fn steps(name: &str) -> Option<Vec<&str>> {
    let rest = name.strip_prefix("searchCriteria").or_else(|| name.strip_prefix("search_criteria"))?;
    if rest.is_empty() {
        return Some(Vec::new());
    }
    rest.strip_prefix('[')?.strip_suffix(']').map(|inner| inner.split("][").collect())
}

fn read(call: &Call) -> Result<Criteria, Answer> {
    let mut criteria = Criteria { page: 1, ..Criteria::default() };
    let mut filters: BTreeMap<(String, String), Filter> = BTreeMap::new();
    let mut sort: (String, bool) = (String::new(), true);
    let mut any = false;
    for (name, value) in &call.query {
        let Some(steps) = steps(name) else { continue };
        any = true;
        let count = || value.parse::<usize>().map_err(|_| bad_number(name));
        match steps.as_slice() {
            ["filter_groups" | "filterGroups", group, "filters", index, what] => {
                let filter = filters.entry(((*group).to_owned(), (*index).to_owned())).or_default();
                match *what {
                    "field" => filter.field.clone_from(value),
                    "value" => filter.value.clone_from(value),
                    "condition_type" | "conditionType" => filter.condition.clone_from(value),
                    _ => {}
                }
            }
            ["pageSize" | "page_size"] => criteria.size = Some(count()?),
            ["currentPage" | "current_page"] => criteria.page = count()?.max(1),
            ["sortOrders" | "sort_orders", _, "field"] => sort.0.clone_from(value),
            ["sortOrders" | "sort_orders", _, "direction"] => sort.1 = !value.eq_ignore_ascii_case("desc"),
            _ => {}
        }
    }
    if !any {
        return Err(required("searchCriteria"));
    }
    if criteria.size.is_some_and(|size| size > LARGEST_PAGE) {
        return Err(refuse(400, "Maximum SearchCriteria pageSize is %1", Some(json!([LARGEST_PAGE]))));
    }
    let mut groups: BTreeMap<String, Vec<Filter>> = BTreeMap::new();
    for ((group, _), filter) in filters {
        groups.entry(group).or_default().push(filter);
    }
    criteria.groups = groups.into_values().collect();
    criteria.sort = (!sort.0.is_empty()).then_some(sort);
    Ok(criteria)
}

fn bad_number(name: &str) -> Answer {
    refuse(400, "The \"%1\" parameter must be a number.", Some(json!([name])))
}

/// A field as the database compares it: numbers as numbers, everything else as text.
fn compare(left: &Value, right: &str) -> std::cmp::Ordering {
    let number = left.as_f64().or_else(|| left.as_str().and_then(|text| text.parse().ok()));
    if let (Some(left), Ok(right)) = (number, right.parse::<f64>()) {
        return left.total_cmp(&right);
    }
    text(left).as_str().cmp(right)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn like(text: &str, pattern: &str) -> bool {
    let pattern: String = pattern
        .chars()
        .map(|character| match character {
            '%' => ".*".to_owned(),
            '_' => ".".to_owned(),
            other => regex::escape(&other.to_string()),
        })
        .collect();
    regex::Regex::new(&format!("(?is)^{pattern}$")).is_ok_and(|regex| regex.is_match(text))
}

fn fits(entity: &Value, filter: &Filter) -> Result<bool, Answer> {
    use std::cmp::Ordering;
    let Some(value) = entity.get(&filter.field) else {
        // The database names the unknown column; what reaches the client is only this.
        return Err(refuse(
            500,
            "Internal Error. Details are available in Magento log file. Report ID: webapi-practice",
            None,
        ));
    };
    let order = compare(value, &filter.value);
    // The database compares text without regard to case.
    let equal = |wanted: &str| text(value).to_lowercase() == wanted.to_lowercase();
    let same = || equal(&filter.value) || (value.is_number() && order == Ordering::Equal);
    Ok(match filter.condition.as_str() {
        "" | "eq" => same(),
        "neq" => !same(),
        "gt" => order == Ordering::Greater,
        "gteq" | "from" | "moreq" => order != Ordering::Less,
        "lt" => order == Ordering::Less,
        "lteq" | "to" => order != Ordering::Greater,
        "in" => filter.value.split(',').any(|wanted| equal(wanted.trim())),
        "nin" => filter.value.split(',').all(|wanted| !equal(wanted.trim())),
        "like" => like(&text(value), &filter.value),
        "null" => value.is_null(),
        "notnull" => !value.is_null(),
        other => return Err(refuse(400, "Condition type %1 is not supported", Some(json!([other])))),
    })
}

impl Magento {
    /// The entities that can fit: by index where a group asks for one order, else all.
    fn candidates(&self, kind: &str, criteria: &Criteria) -> Vec<Value> {
        let exact = |field: &str| {
            criteria.groups.iter().find_map(|group| match group.as_slice() {
                [only] if only.field == field && matches!(only.condition.as_str(), "" | "eq") => Some(&only.value),
                _ => None,
            })
        };
        let order = exact("order_id").map(|id| id.parse::<u64>().unwrap_or(0));
        match kind {
            "orders" => match exact("increment_id") {
                Some(number) => {
                    let found = self.by_increment.get(&number.to_lowercase()).and_then(|id| self.orders.get(id));
                    found.map(Order::json).into_iter().collect()
                }
                None => self.orders.values().map(Order::json).collect(),
            },
            "invoices" => match order {
                Some(order) => self.of(order, 0, |id| self.invoice_json(self.invoices.get(&id)?)),
                None => self.invoices.values().filter_map(|invoice| self.invoice_json(invoice)).collect(),
            },
            "shipments" => match order {
                Some(order) => self.of(order, 1, |id| self.shipment_json(self.shipments.get(&id)?)),
                None => self.shipments.values().filter_map(|shipment| self.shipment_json(shipment)).collect(),
            },
            _ => match order {
                Some(order) => self.of(order, 2, |id| self.creditmemo_json(self.creditmemos.get(&id)?)),
                None => self.creditmemos.values().filter_map(|memo| self.creditmemo_json(memo)).collect(),
            },
        }
    }

    fn of(&self, order: u64, index: usize, show: impl Fn(u64) -> Option<Value>) -> Vec<Value> {
        self.children(order, index).iter().filter_map(|id| show(*id)).collect()
    }

    pub(super) fn search(&self, kind: &str, call: &Call) -> Answer {
        match self.found(kind, call) {
            Ok(page) => Answer::json(200, &page),
            Err(refusal) => refusal,
        }
    }

    fn found(&self, kind: &str, call: &Call) -> Result<Value, Answer> {
        let criteria = read(call)?;
        let mut found = Vec::new();
        for entity in self.candidates(kind, &criteria) {
            let mut all = true;
            for group in &criteria.groups {
                let mut any = false;
                for filter in group {
                    any |= fits(&entity, filter)?;
                }
                all &= any;
            }
            if all {
                found.push(entity);
            }
        }
        if let Some((field, ascending)) = &criteria.sort {
            found.sort_by(|left, right| {
                let (left, right) = (left.get(field).unwrap_or(&Value::Null), right.get(field).unwrap_or(&Value::Null));
                let order = compare(left, &text(right));
                if *ascending { order } else { order.reverse() }
            });
        }
        let total = found.len();
        let size = criteria.size.unwrap_or(DEFAULT_PAGE).max(1);
        // Past the end the vendor's collections give the last page again.
        let last_page = total.div_ceil(size).max(1);
        let page: Vec<Value> = found.into_iter().skip((criteria.page.min(last_page) - 1) * size).take(size).collect();
        Ok(json!({"items": page, "search_criteria": criteria.json(), "total_count": total}))
    }
}

impl Criteria {
    fn json(&self) -> Value {
        let groups: Vec<Value> = self
            .groups
            .iter()
            .map(|group| {
                let filters: Vec<Value> = group
                    .iter()
                    .map(|filter| {
                        let condition = if filter.condition.is_empty() { "eq" } else { &filter.condition };
                        json!({"field": filter.field, "value": filter.value, "condition_type": condition})
                    })
                    .collect();
                json!({"filters": filters})
            })
            .collect();
        let mut page = Map::new();
        page.insert("filter_groups".to_owned(), Value::Array(groups));
        if let Some(size) = self.size {
            page.insert("page_size".to_owned(), json!(size));
            page.insert("current_page".to_owned(), json!(self.page));
        }
        Value::Object(page)
    }
}
