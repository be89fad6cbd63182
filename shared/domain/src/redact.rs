//! Vendors' words, made fit to be kept: secrets, addresses and people taken out, trimmed.

/// Characters kept of a vendor's message.
pub const MESSAGE_CHARS_MAX: usize = 500;
/// Shorter values would blot out ordinary words.
const VALUE_CHARS_MIN: usize = 3;
/// Shorter ones could be anything.
const PHONE_DIGITS_MIN: usize = 9;
const BLOT: &str = "[redacted]";

/// Knows what must not appear: the secrets of the tenant and the buyer values that this run has read.
#[derive(Clone, Default)]
pub struct Redactor {
    values: Vec<String>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} values)", self.values.len())
    }
}

impl Redactor {
    /// Adds values that must not appear.
    pub fn hide<I: IntoIterator<Item = String>>(&mut self, values: I) {
        self.values.extend(values.into_iter().filter(|v| v.trim().chars().count() >= VALUE_CHARS_MIN));
        // The longest first, so that a value inside another leaves no rest of it behind.
        self.values.sort_by_key(|v| std::cmp::Reverse(v.len()));
        self.values.dedup();
    }

    /// The text without secrets, known buyer values, e-mail addresses and phone numbers, on one line and trimmed.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        let mut text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        for value in &self.values {
            text = replace_ignoring_case(&text, value);
        }
        let words: Vec<&str> = text.split_whitespace().map(|w| if looks_like_mail(w) { BLOT } else { w }).collect();
        let text = blot_phones(&words.join(" "));
        if text.chars().count() > MESSAGE_CHARS_MAX {
            let kept: String = text.chars().take(MESSAGE_CHARS_MAX - 1).collect();
            format!("{kept}…")
        } else {
            text
        }
    }
}

fn replace_ignoring_case(text: &str, value: &str) -> String {
    if value.is_empty() {
        return text.to_owned();
    }
    let (chars, wanted): (Vec<char>, Vec<char>) = (text.chars().collect(), value.chars().collect());
    let same = |a: char, b: char| a == b || a.to_lowercase().eq(b.to_lowercase());
    let mut out = String::with_capacity(text.len());
    let mut rest: &[char] = &chars;
    while let Some((first, tail)) = rest.split_first() {
        let matches = rest.len() >= wanted.len() && rest.iter().zip(&wanted).all(|(a, b)| same(*a, *b));
        if matches {
            out.push_str(BLOT);
            rest = rest.get(wanted.len()..).unwrap_or_default();
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    out
}

fn looks_like_mail(word: &str) -> bool {
    word.split_once('@').is_some_and(|(name, host)| {
        name.chars().any(char::is_alphanumeric)
            && host.split_once('.').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty())
    })
}

/// Blots what begins with `+` and holds nine digits or more, with all that a phone number may be written with.
fn blot_phones(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.' | '/');
    for c in text.chars() {
        if c == '+' || !is_part(c) {
            flush(&mut out, &mut run);
        }
        if is_part(c) {
            run.push(c);
        } else {
            out.push(c);
        }
    }
    flush(&mut out, &mut run);
    out
}

fn flush(out: &mut String, run: &mut String) {
    let digits = run.chars().filter(char::is_ascii_digit).count();
    if run.starts_with('+') && digits >= PHONE_DIGITS_MIN {
        out.push_str(BLOT);
        if run.ends_with(' ') {
            out.push(' ');
        }
    } else {
        out.push_str(run);
    }
    run.clear();
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn redactor() -> Redactor {
        let mut redactor = Redactor::default();
        redactor.hide([
            "s3cret-token".to_owned(),
            "Jana Nováková".to_owned(),
            "Klimentská 12".to_owned(),
            "a".to_owned(),
        ]);
        redactor
    }

    #[test]
    fn secrets_people_mails_and_phones_are_taken_out() {
        let said = "Order of JANA NOVÁKOVÁ, klimentská 12, jana@example.com, +420 777 123 456: key s3cret-token is bad";
        let clean = redactor().clean(said);
        for private in ["jana", "novák", "klimentsk", "example.com", "777", "s3cret"] {
            assert!(!clean.to_lowercase().contains(private), "{clean}");
        }
        assert!(clean.contains("is bad"));
    }

    #[test]
    fn numbers_of_documents_and_orders_stay() {
        let said = "invoice 2026-0001 of order 100000001 over 12 100.50 CZK on 2026-11-21";
        assert_eq!(redactor().clean(said), said);
    }

    #[test]
    fn what_stands_around_a_phone_number_stays_as_it_is() {
        assert_eq!(redactor().clean("call +420 777 123 456 now"), "call [redacted] now");
        assert_eq!(
            redactor().clean("phone:+420 777 123 456, mobile:+420 777 123 457"),
            "phone:[redacted], mobile:[redacted]"
        );
        assert_eq!(redactor().clean("a: +1 and b: +42 12"), "a: +1 and b: +42 12", "too short for a phone");
    }

    #[test]
    fn a_phone_number_is_found_whatever_stands_beside_it() {
        assert_eq!(redactor().clean("tel. +420 777 123 456"), "tel. [redacted]");
        assert_eq!(redactor().clean("order 12 (+420) 777-123-456 not found"), "order 12 ([redacted] not found");
        assert_eq!(redactor().clean("+420 777 123 456 / +420 777 123 457"), "[redacted] [redacted]");
        assert_eq!(redactor().clean("+420777123456 2026-11-21"), "[redacted]");
    }

    #[test]
    fn only_what_can_be_an_address_is_taken_for_one() {
        assert_eq!(redactor().clean("write to <jana@example.com>, quickly"), "write to [redacted] quickly");
        for no_address in ["3 @ 12.50", "@shop.example", "sku@main", "sku@.main", "sku@main."] {
            assert_eq!(redactor().clean(no_address), no_address);
        }
    }

    #[test]
    fn a_message_that_just_fits_is_kept_whole() {
        let fits = "x".repeat(MESSAGE_CHARS_MAX);
        assert_eq!(redactor().clean(&fits), fits);
        assert!(redactor().clean(&format!("{fits}y")).ends_with("x…"));
    }

    #[test]
    fn it_can_be_printed_without_telling_what_it_hides() {
        assert_eq!(format!("{:?}", redactor()), "Redactor(3 values)");
    }

    proptest! {
        #[test]
        fn no_message_is_longer_than_allowed_or_tells_a_secret(before in ".{0,600}", after in ".{0,600}") {
            let clean = redactor().clean(&format!("{before}s3cret-token{after}"));
            prop_assert!(clean.chars().count() <= MESSAGE_CHARS_MAX);
            prop_assert!(!clean.contains("s3cret-token"));
        }
    }
}
