//! A small, valid PDF: one page with a few lines of text, the same bytes for the same words.

use std::fmt::Write as _;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};

/// Characters outside printable ASCII would need a font of their own; they become question marks.
fn escape(line: &str) -> String {
    let mut out = String::new();
    for character in line.chars() {
        match character {
            '(' | ')' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            ' '..='~' => out.push(character),
            _ => out.push('?'),
        }
    }
    out
}

/// Hash of a file, lower-case hex.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    HEXLOWER.encode(digest(&SHA256, bytes).as_ref())
}

pub(crate) fn page(lines: &[String]) -> Bytes {
    let mut text = String::from("BT /F1 12 Tf 16 TL 56 780 Td");
    for line in lines {
        // Writing to a String cannot fail.
        let _written = write!(text, " ({}) Tj T*", escape(line));
    }
    text.push_str(" ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut out = String::from("%PDF-1.4\n");
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        let _written = write!(out, "{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let start = out.len();
    let _written = write!(out, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for offset in offsets {
        let _written = writeln!(out, "{offset:010} 00000 n ");
    }
    let _written = write!(out, "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    Bytes::from(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_names_where_its_table_starts() {
        let page = page(&["Invoice (1)".to_owned(), "čeština".to_owned()]);
        let text = std::str::from_utf8(&page).unwrap();
        assert!(text.starts_with("%PDF-1.4"));
        let start: usize = text.rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
        assert!(text[start..].starts_with("xref\n0 6"));
        assert!(text.contains("(Invoice \\(1\\)) Tj"));
    }
}
