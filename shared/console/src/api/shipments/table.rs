//! A table of parcels as CSV: a first line that names the columns, in any order; commas or, as spreadsheets of some
//! countries write, semicolons.

use super::Line;
use crate::{FieldError, Problem};
use csv::{ByteRecord, ReaderBuilder, Trim};
use domain::FieldProblem;
use export_flow::person::{SHIPMENTS_MAX, Shipment};

const COLUMNS: [&str; 3] = ["source", "shipment", "order"];
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a table.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Line>, Problem> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let head = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let delimiter = if head.contains(&b';') && !head.contains(&b',') { b';' } else { b',' };
    let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).trim(Trim::All).from_reader(bytes);
    let unreadable = |_| Problem::field("shipments", (FieldProblem::Unreadable, "is not a table in CSV"));
    let columns = columns(reader.byte_headers().map_err(unreadable)?)?;
    let mut lines = vec![];
    for record in reader.byte_records() {
        // One too many, so that the caller sees that it is too many.
        if lines.len() > SHIPMENTS_MAX {
            break;
        }
        lines.push(line(&record.map_err(unreadable)?, &columns));
    }
    Ok(lines)
}

/// Which of our columns stands where.
fn columns(head: &ByteRecord) -> Result<Vec<&'static str>, Problem> {
    let known = |cell: &[u8]| COLUMNS.into_iter().find(|column| cell.eq_ignore_ascii_case(column.as_bytes()));
    let columns: Option<Vec<&'static str>> = head.iter().map(known).collect();
    let usable = |columns: &Vec<&'static str>| {
        let times = |name| columns.iter().filter(|column| **column == name).count();
        times("source") == 1 && times("shipment") == 1 && times("order") <= 1
    };
    columns.filter(usable).ok_or_else(|| {
        Problem::field(
            "shipments",
            (FieldProblem::Unreadable, "the first line must name the columns source, shipment and, where given, order"),
        )
    })
}

fn line(record: &ByteRecord, columns: &[&'static str]) -> Line {
    let mut shipment = Shipment::default();
    let mut error = (record.len() != columns.len()).then(|| {
        FieldError::new(
            "shipments",
            (FieldProblem::Unreadable, format!("the line has {} cells instead of {}", record.len(), columns.len())),
        )
    });
    for (cell, column) in record.iter().zip(columns) {
        let Ok(text) = std::str::from_utf8(cell) else {
            error.get_or_insert_with(|| FieldError::new(*column, (FieldProblem::Unreadable, "is not UTF-8")));
            continue;
        };
        match *column {
            "source" => text.clone_into(&mut shipment.source),
            "shipment" => text.clone_into(&mut shipment.shipment),
            _ => shipment.order = Some(text.to_owned()).filter(|text| !text.is_empty()),
        }
    }
    Line { shipment, error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Code;

    fn rows(text: &str) -> Vec<(String, String, Option<String>, bool)> {
        let read = read(text.as_bytes()).unwrap();
        read.into_iter()
            .map(|l| (l.shipment.source, l.shipment.shipment, l.shipment.order, l.error.is_some()))
            .collect()
    }

    fn row(shipment: &str, order: Option<&str>, wrong: bool) -> (String, String, Option<String>, bool) {
        ("van".into(), shipment.into(), order.map(str::to_owned), wrong)
    }

    #[test]
    fn columns_come_in_any_order_and_with_either_delimiter() {
        let wanted = [row("Z1", Some("100"), false), row("Z2", None, false)];
        for text in [
            "source,shipment,order\nvan,Z1,100\nvan,Z2,\n",
            "\u{feff}Source;Shipment;Order\r\nvan; Z1 ;100\r\n\r\nvan;Z2;\r\n",
            "order,shipment,source\n\"100\",\"Z1\",van\n,Z2,van",
        ] {
            assert_eq!(rows(text), wanted, "{text:?}");
        }
        assert_eq!(rows("source,shipment\nvan,Z1"), [row("Z1", None, false)]);
        assert!(rows("source,shipment,order\n").is_empty());
    }

    #[test]
    fn a_bad_line_is_one_line_only() {
        let read = rows("source,shipment,order\nvan,Z1\nvan,Z2,100,more\nvan,Z3,\"10\"\"0\"\nvan,Z4,100");
        let wrong: Vec<bool> = read.iter().map(|row| row.3).collect();
        assert_eq!((wrong, read[2].2.as_deref()), (vec![true, true, false, false], Some("10\"0")));
        let mut bytes = b"source,shipment,order\nvan,Z1,\xff\nvan,Z2,100".to_vec();
        bytes.push(b'\n');
        let read = read_bytes(&bytes);
        assert_eq!((read[0].error.as_ref().map(|e| e.field.as_str()), &read[1].error), (Some("order"), &None));
    }

    fn read_bytes(bytes: &[u8]) -> Vec<Line> {
        read(bytes).unwrap()
    }

    #[test]
    fn a_table_without_its_columns_is_refused_as_a_whole() {
        for text in ["", "van,Z1,100", "source,shipment,oder\nvan,Z1,1", "source,source,shipment\n", "shipment\nZ1"] {
            assert_eq!(read(text.as_bytes()).unwrap_err().code, Code::InvalidField, "{text:?}");
        }
    }

    #[test]
    fn more_lines_than_allowed_are_not_read_to_their_end() {
        let text = format!("source,shipment\n{}", "van,Z1\n".repeat(SHIPMENTS_MAX * 3));
        assert_eq!(rows(&text).len(), SHIPMENTS_MAX + 1);
    }
}
