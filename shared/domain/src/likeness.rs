//! How much two names of a carrier are alike: for proposals to people, never for a decision.

use serde::Serialize;

/// Why a target's value may be the one that is meant, the best reason first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// The same but for case, marks on letters and punctuation.
    SameName,
    /// The same but for a country.
    OtherCountry,
    /// Two names of one carrier.
    OtherName,
    /// Every word of one is in the other.
    Contains,
    /// They share a word.
    SharedWord,
}

impl Likeness {
    /// Every one.
    pub const ALL: &'static [Self] =
        &[Self::SameName, Self::OtherCountry, Self::OtherName, Self::Contains, Self::SharedWord];

    /// The word used in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameName => "same_name",
            Self::OtherCountry => "other_country",
            Self::OtherName => "other_name",
            Self::Contains => "contains",
            Self::SharedWord => "shared_word",
        }
    }
}

/// Names under which one carrier goes, folded.
const ALIASES: &[&[&str]] = &[
    &["packeta", "zasilkovna", "packetery", "przesylkownia"],
    &["ceskaposta", "czechpost", "balikovna", "balikdoruky", "cp"],
    &["slovenskaposta", "slovakpost", "slovakparcelservice"],
    &["gls", "generallogisticssystems"],
    &["dpd", "dynamicparceldistribution", "geopost"],
    &["ppl", "pplcz", "professionalparcellogistic"],
    &["dhl", "deutschepost", "dhlparcel", "dhlexpress", "dhlpaket"],
    &["ups", "unitedparcelservice"],
    &["usps", "unitedstatespostalservice"],
    &["fedex", "federalexpress"],
    &["hermes", "evri"],
    &["inpost", "paczkomaty"],
    &["pocztapolska", "polishpost"],
    &["magyarposta", "hungarianpost"],
    &["wedo", "intime", "ulozenka"],
    &["postnl", "tntpost"],
    &["bpost", "belgianpost"],
    &["laposte", "colissimo"],
];

/// Words that name a country rather than a carrier.
const COUNTRIES: &[&str] = &[
    "cz",
    "sk",
    "de",
    "at",
    "pl",
    "hu",
    "ro",
    "fr",
    "it",
    "es",
    "nl",
    "be",
    "uk",
    "gb",
    "ie",
    "si",
    "hr",
    "bg",
    "dk",
    "se",
    "fi",
    "pt",
    "ch",
    "us",
    "eu",
    "lu",
    "lt",
    "lv",
    "ee",
    "gr",
    "no",
    "czech",
    "czechia",
    "cesko",
    "republic",
    "slovakia",
    "slovensko",
    "germany",
    "deutschland",
    "austria",
    "osterreich",
    "poland",
    "polska",
    "hungary",
    "france",
    "italy",
    "italia",
    "spain",
    "international",
];

/// Words that many carriers share and that tell nothing.
const COMMON: &[&str] = &[
    "the",
    "and",
    "parcel",
    "parcels",
    "post",
    "posta",
    "express",
    "service",
    "services",
    "delivery",
    "logistics",
    "group",
    "courier",
    "standard",
    "classic",
    "home",
    "shop",
    "point",
    "pickup",
    "box",
];

/// How much a carrier of a source, known by these names, is like one of a target. `None`: not at all.
#[must_use]
pub fn likeness(ours: &[&str], theirs: &[&str]) -> Option<Likeness> {
    let pairs = || ours.iter().flat_map(|a| theirs.iter().map(move |b| (words(a), words(b))));
    pairs().filter_map(|(a, b)| alike(&a, &b)).min()
}

fn alike(ours: &[String], theirs: &[String]) -> Option<Likeness> {
    if ours.is_empty() || theirs.is_empty() {
        return None;
    }
    let whole = |words: &[String]| words.concat();
    if whole(ours) == whole(theirs) {
        return Some(Likeness::SameName);
    }
    let known = carrier(ours).or_else(|| carrier(&without_country(ours)));
    let same = known.is_some() && known == carrier(theirs).or_else(|| carrier(&without_country(theirs)));
    let (ours, theirs) = (without_country(ours), without_country(theirs));
    if whole(&ours) == whole(&theirs) {
        return Some(Likeness::OtherCountry);
    }
    if same {
        return Some(Likeness::OtherName);
    }
    let tells = |word: &&String| word.len() >= 3 && !COMMON.contains(&word.as_str());
    let shared = ours.iter().filter(tells).filter(|word| theirs.contains(word)).count();
    let all = |words: &[String], others: &[String]| words.iter().all(|word| others.contains(word));
    match shared {
        0 => None,
        _ if all(&ours, &theirs) || all(&theirs, &ours) => Some(Likeness::Contains),
        _ => Some(Likeness::SharedWord),
    }
}

/// Which of the known carriers a name means. It may be hidden among further words: "Zásilkovna home delivery".
fn carrier(words: &[String]) -> Option<usize> {
    let group = |name: &str| ALIASES.iter().position(|names| names.contains(&name));
    group(&words.concat()).or_else(|| words.iter().find_map(|word| group(word)))
}

/// Without the words for a country, unless nothing else is there.
fn without_country(words: &[String]) -> Vec<String> {
    let kept: Vec<String> = words.iter().filter(|word| !COUNTRIES.contains(&word.as_str())).cloned().collect();
    if kept.is_empty() { words.to_vec() } else { kept }
}

/// Lower-case words of plain letters and digits.
fn words(text: &str) -> Vec<String> {
    let folded: String = text.chars().flat_map(char::to_lowercase).map(folded).collect();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A letter without its marks, for the alphabets that carriers' names are written in.
const fn folded(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ą' | 'ă' | 'ā' => 'a',
        'č' | 'ć' | 'ç' => 'c',
        'ď' | 'đ' => 'd',
        'é' | 'è' | 'ê' | 'ë' | 'ě' | 'ę' | 'ē' | 'ė' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'ī' | 'į' => 'i',
        'ľ' | 'ĺ' | 'ł' | 'ļ' => 'l',
        'ň' | 'ń' | 'ñ' | 'ņ' => 'n',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ő' | 'ø' => 'o',
        'ř' | 'ŕ' => 'r',
        'š' | 'ś' | 'ş' | 'ș' => 's',
        'ť' | 'ţ' | 'ț' => 't',
        'ú' | 'ù' | 'û' | 'ü' | 'ů' | 'ű' | 'ū' | 'ų' => 'u',
        'ý' | 'ÿ' => 'y',
        'ž' | 'ź' | 'ż' => 'z',
        other => other,
    }
}

/// A letter of any case without its marks.
#[must_use]
pub fn without_marks(c: char) -> char {
    let mut small = c.to_lowercase();
    match (small.next().map(folded), small.next()) {
        (Some(plain), None) if c.is_uppercase() => plain.to_ascii_uppercase(),
        (Some(plain), None) => plain,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_alike_for_the_best_reason_there_is() {
        use Likeness::{Contains, OtherCountry, OtherName, SameName, SharedWord};
        for (ours, theirs, like) in [
            ("Zásilkovna", "ZASILKOVNA", Some(SameName)),
            ("dpd-cz", "DPD CZ", Some(SameName)),
            ("dpd_cz", "DPD", Some(OtherCountry)),
            ("gls_de", "GLS Czech Republic", Some(OtherCountry)),
            ("packeta", "Zásilkovna", Some(OtherName)),
            ("packeta", "Zásilkovna home delivery", Some(OtherName)),
            ("Česká pošta", "CZECH_POST", Some(OtherName)),
            ("balikovna", "Česká pošta", Some(OtherName)),
            ("Federal Express", "fedex", Some(OtherName)),
            ("geis", "Geis parcel service", Some(Contains)),
            ("Messenger Praha", "Messenger Brno", Some(SharedWord)),
            ("PPL", "DPD", None),
            ("Toptrans express", "Geis express", None),
            ("cz", "sk", None),
            ("", "", None),
            ("—", "dpd", None),
        ] {
            assert_eq!(likeness(&[ours], &[theirs]), like, "{ours} and {theirs}");
            assert_eq!(likeness(&[theirs], &[ours]), like, "{theirs} and {ours}");
        }
    }

    #[test]
    fn the_better_of_code_and_name_counts() {
        assert_eq!(likeness(&["106", "Zásilkovna"], &["PCK", "Packeta"]), Some(Likeness::OtherName));
        assert_eq!(likeness(&["dpd", "DPD Czech"], &["X1", "dpd"]), Some(Likeness::SameName));
    }
}
