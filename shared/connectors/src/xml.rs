//! XML from outside: read into a small tree, or not at all. No document type, so no entities of its own; as deep and as
//! many elements as anything sensible has.

use crate::depth::JSON_DEPTH_MAX;
use crate::http::Answer;
use crate::stop::Stop;
use domain::{Code, Said, remark};
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::borrow::Cow;

/// Elements of one answer at most.
const ELEMENTS_MAX: usize = 20_000;

/// An element: its name without a prefix, its text, what is in it. Attributes are not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// The first element of this name in it.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of the first element of this name in it, trimmed; `None` where it is empty.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }
}

/// A text as it may stand in an element.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    quick_xml::escape::escape(text)
}

impl Answer {
    /// The body as XML.
    ///
    /// # Errors
    /// [`Stop::Fail`] with `vendor_nonsense`.
    pub(crate) fn xml(&self) -> Result<Element, Stop> {
        read(&self.body).map_err(|why| Stop::fail(Code::VendorNonsense, Some(self.status), why))
    }
}

/// The one element that a document is.
fn read(bytes: &[u8]) -> Result<Element, Said> {
    let text = std::str::from_utf8(bytes).map_err(|_| remark::answer_not_utf8())?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = vec![];
    let mut root = None;
    let mut met = 0_usize;
    loop {
        let closed = match reader.read_event().map_err(|_| remark::answer_not_xml())? {
            Event::Start(start) => {
                if open.len() == JSON_DEPTH_MAX {
                    return Err(remark::answer_too_deep());
                }
                open.push(begun(&start, &mut met)?);
                None
            }
            Event::Empty(start) => Some(begun(&start, &mut met)?),
            Event::End(_) => open.pop(),
            Event::Text(text) => {
                said(&mut open, &text.xml10_content())?;
                None
            }
            Event::CData(text) => {
                said(&mut open, &text.xml10_content())?;
                None
            }
            Event::GeneralRef(reference) => {
                said(&mut open, character(&reference)?.encode_utf8(&mut [0; 4]))?;
                None
            }
            Event::DocType(_) => return Err(remark::answer_doctype()),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => None,
            Event::Eof => break,
        };
        let Some(element) = closed else { continue };
        match open.last_mut() {
            Some(parent) => parent.children.push(element),
            None if root.is_none() => root = Some(element),
            None => return Err(remark::answer_not_xml()),
        }
    }
    if open.is_empty() { root.ok_or_else(remark::answer_not_xml) } else { Err(remark::answer_cut()) }
}

fn begun(start: &BytesStart<'_>, met: &mut usize) -> Result<Element, Said> {
    *met += 1;
    if *met > ELEMENTS_MAX {
        return Err(remark::answer_elements());
    }
    let name = start.local_name().as_ref().to_owned();
    Ok(Element { name, text: String::new(), children: vec![] })
}

/// Text outside the one element may only be blank.
fn said(open: &mut [Element], text: &str) -> Result<(), Said> {
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim_start_matches('\u{feff}').trim().is_empty() => {}
        None => return Err(remark::answer_not_xml()),
    }
    Ok(())
}

/// A character by its number, or one of the five that have a name; there are no others.
fn character(reference: &BytesRef<'_>) -> Result<char, Said> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| remark::answer_entity())? {
        return Ok(character);
    }
    match reference.xml10_content().as_ref() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(remark::answer_entity()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn elements_texts_and_characters_are_read() {
        let root =
            read(b"<?xml version=\"1.0\"?>\n<r><n:a x=\"1\"> P&amp;G &#x17E; </n:a><b/><a><![CDATA[<2>]]></a></r>\n")
                .unwrap();
        assert_eq!((root.name.as_str(), root.children.len()), ("r", 3));
        assert_eq!((root.text_of("a"), root.text_of("b"), root.text_of("c")), (Some("P&G ž"), None, None));
        assert_eq!(root.children[2].text, "<2>");
    }

    #[test]
    fn what_is_no_whole_document_is_refused() {
        for bad in [
            "",
            " ",
            "x",
            "{}",
            "\"x\"",
            "<r>",
            "<r></x>",
            "<r/><r/>",
            "<r/>x",
            "<r>&nbsp;</r>",
            "<r>&#0;</r>",
            "<r>a & b</r>",
            "<!DOCTYPE r [<!ENTITY a \"b\">]><r>&a;</r>",
            "<!DOCTYPE html><html><body>Please log in</body></html>",
        ] {
            assert!(read(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(read(b"<r>\xff</r>").is_err());
    }

    #[test]
    fn the_last_level_allowed_is_allowed_and_the_next_is_not() {
        let nested = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        assert!(read(nested(JSON_DEPTH_MAX).as_bytes()).is_ok());
        assert!(read(nested(JSON_DEPTH_MAX + 1).as_bytes()).is_err());
        assert!(read(nested(1_000_000).as_bytes()).is_err());
        let many = |n: usize| format!("<r>{}</r>", "<a/>".repeat(n));
        assert!(read(many(ELEMENTS_MAX - 1).as_bytes()).is_ok());
        assert!(read(many(ELEMENTS_MAX).as_bytes()).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(text in "[ -~ěščžř€]{0,60}") {
            let read = read(format!("<r>{}</r>", escaped(&text)).as_bytes()).unwrap();
            prop_assert_eq!(read.text, text);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(read(&bytes));
        }
    }
}
