//! The vendor's XML: a call read whole, and answers.

use std::fmt::Write as _;

use bytes::Bytes;
use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::Event;

use crate::http::Answer;

/// Levels of a call at most.
const DEPTH_MAX: usize = 8;

/// An element of a call. Attributes mean nothing.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of one that is there and not empty.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }
}

/// The one element that a call is; `None` for anything else, document types included.
pub(super) fn read(body: &[u8]) -> Option<Element> {
    let mut reader = Reader::from_str(std::str::from_utf8(body).ok()?);
    // The outermost is the document itself.
    let mut open = vec![Element::default()];
    loop {
        let text = match reader.read_event().ok()? {
            Event::Start(start) => {
                open.push(Element { name: start.name().as_ref().to_owned(), ..Element::default() });
                if open.len() > DEPTH_MAX {
                    return None;
                }
                continue;
            }
            Event::Empty(start) => {
                let empty = Element { name: start.name().as_ref().to_owned(), ..Element::default() };
                open.last_mut()?.children.push(empty);
                continue;
            }
            Event::End(_) => {
                let closed = open.pop()?;
                open.last_mut()?.children.push(closed);
                continue;
            }
            Event::Text(text) => text.xml10_content().into_owned(),
            Event::CData(text) => text.xml10_content().into_owned(),
            Event::GeneralRef(reference) => {
                let named = format!("&{};", reference.xml10_content());
                quick_xml::escape::unescape(&named).ok()?.into_owned()
            }
            Event::DocType(_) => return None,
            Event::Eof => break,
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) => continue,
        };
        open.last_mut()?.text.push_str(&text);
    }
    let document = open.pop().filter(|document| open.is_empty() && document.text.trim().is_empty())?;
    let mut children = document.children.into_iter();
    children.next().filter(|_| children.next().is_none())
}

/// One element with its text.
pub(super) fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

fn document(status: u16, inner: &str) -> Answer {
    let body = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<response>{inner}</response>\n");
    Answer::bytes(status, "text/xml; charset=utf-8", Bytes::from(body))
}

/// A result; `None` where the method answers nothing.
pub(super) fn ok(result: Option<&str>) -> Answer {
    let result = result.map_or_else(String::new, |inner| format!("<result>{inner}</result>"));
    document(200, &format!("<status>ok</status>{result}"))
}

/// A fault by its name; `attributes` are those of a packet that cannot be made.
pub(super) fn fault(status: u16, name: &str, words: &str, attributes: &[(&str, &str)]) -> Answer {
    let mut inner = format!("<status>fault</status>{}{}", element("fault", name), element("string", words));
    if !attributes.is_empty() {
        let one =
            |(name, why): &(&str, &str)| format!("<fault>{}{}</fault>", element("name", name), element("fault", why));
        let all: String = attributes.iter().map(one).collect();
        // Writing to a String cannot fail.
        let _written = write!(inner, "<detail><attributes>{all}</attributes></detail>");
    }
    document(status, &inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_one_element_and_nothing_else() {
        let root = read(b"<?xml version=\"1.0\"?><a><b>1 &lt; 2 &#38; 3</b><c><d/></c></a>").unwrap();
        assert_eq!((root.name.as_str(), root.text_of("b")), ("a", Some("1 < 2 & 3")));
        assert!(root.child("c").unwrap().child("d").is_some());
        for bad in ["", "x", "<a>", "<a/><b/>", "<a></b>", "<!DOCTYPE a><a/>", "<a>&b;</a>", "{}"] {
            assert!(read(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
