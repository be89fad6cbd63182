//! Settings from the environment.

use std::fmt::Display;
use std::str::FromStr;

/// A setting that is there and cannot be used. Says its name, never its value: it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} in the environment {problem}")]
pub struct Unreadable {
    name: String,
    problem: String,
}

/// A setting's text, trimmed; `None` if it is not set or empty.
///
/// # Errors
/// If it is not UTF-8.
pub fn read_env(name: &str) -> Result<Option<String>, Unreadable> {
    text(name, std::env::var_os(name))
}

/// A setting as something else than text; `None` if it is not set or empty.
///
/// # Errors
/// If it is not UTF-8 or not of that form. The parser's own words are told, so they must not repeat what they were given.
pub fn read_env_as<T>(name: &str) -> Result<Option<T>, Unreadable>
where
    T: FromStr,
    T::Err: Display,
{
    parsed(name, read_env(name)?)
}

fn text(name: &str, found: Option<std::ffi::OsString>) -> Result<Option<String>, Unreadable> {
    let Some(found) = found else { return Ok(None) };
    let found = found.into_string().map_err(|_| unreadable(name, "is not UTF-8"))?;
    let found = found.trim();
    Ok((!found.is_empty()).then(|| found.to_owned()))
}

fn parsed<T>(name: &str, found: Option<String>) -> Result<Option<T>, Unreadable>
where
    T: FromStr,
    T::Err: Display,
{
    found.map(|text| text.parse().map_err(|error| unreadable(name, &format!("cannot be read: {error}")))).transpose()
}

fn unreadable(name: &str, problem: &str) -> Unreadable {
    Unreadable { name: name.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_is_not_set() {
        for nothing in [None, Some("".into()), Some(" \n".into())] {
            assert_eq!(text("BACKHAUL_X", nothing), Ok(None));
        }
        assert_eq!(text("BACKHAUL_X", Some(" key\n".into())), Ok(Some("key".to_owned())));
        assert_eq!(read_env("BACKHAUL_SETTING_THAT_NOBODY_SETS"), Ok(None));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_without_the_value() {
        let error = parsed::<u16>("BACKHAUL_X", Some("s3cret".to_owned())).unwrap_err();
        assert_eq!(error.to_string(), "BACKHAUL_X in the environment cannot be read: invalid digit found in string");
        assert_eq!(parsed::<u16>("BACKHAUL_X", Some("80".to_owned())), Ok(Some(80)));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_not_text_is_an_error() {
        use std::os::unix::ffi::OsStringExt;
        let error = text("BACKHAUL_X", Some(std::ffi::OsString::from_vec(vec![0xff]))).unwrap_err();
        assert_eq!(error.to_string(), "BACKHAUL_X in the environment is not UTF-8");
    }
}
