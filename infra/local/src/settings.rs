//! What lies in files: the API token, and where the key that seals secrets is.

use data_encoding::BASE64URL_NOPAD;
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Characters of a token that a person chose, at least.
const CHOSEN_CHARS_MIN: usize = 16;
/// The store's database in the data directory.
const STORE: &str = "backhaul.db";

/// Why the program cannot start here.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// A file could not be read or written.
    #[error("cannot use {}: {}", .0.display(), .1)]
    File(PathBuf, std::io::Error),
    /// A token is too short to be one.
    #[error("{0} must have at least 16 characters. Make one with: openssl rand -base64 32")]
    TooShort(String),
    /// Viewers would be operators.
    #[error("BACKHAUL_VIEWER_TOKEN must be another than the API token")]
    SameToken,
    /// The key is gone and there is data sealed with it.
    #[error(
        "the key file {} is missing, and {} holds secrets sealed with it. Put the file back, name it with --key-file, \
         or choose another data directory", .0.display(), .1.display()
    )]
    KeyGone(PathBuf, PathBuf),
    /// The operating system gives no randomness.
    #[error("the operating system gives no randomness")]
    NoRandomness,
}

/// The API token: `given` by the environment, else that of the data directory, made at first start.
pub(crate) fn api_token(data: &Path, given: Option<String>) -> Result<SecretString, SettingsError> {
    if let Some(token) = given {
        return long_enough("BACKHAUL_API_TOKEN", token);
    }
    let path = data.join("api-token");
    match read_secret(&path)? {
        Some(token) => long_enough(&path.display().to_string(), token),
        None => make_secret(&path),
    }
}

/// The token of those who may only look, if there are to be such.
pub(crate) fn viewer_token(
    given: Option<String>,
    operator: &SecretString,
) -> Result<Option<SecretString>, SettingsError> {
    let Some(token) = given else { return Ok(None) };
    let token = long_enough("BACKHAUL_VIEWER_TOKEN", token)?;
    if token.expose_secret() == operator.expose_secret() {
        return Err(SettingsError::SameToken);
    }
    Ok(Some(token))
}

/// The file of the key that seals secrets. It may be absent only where there is no data yet.
pub(crate) fn key_file(chosen: Option<&Path>, data: &Path) -> Result<PathBuf, SettingsError> {
    let path = chosen.map_or_else(|| key_file_beside(data), Path::to_owned);
    if !path.exists() && data.join(STORE).exists() {
        return Err(SettingsError::KeyGone(path, data.to_owned()));
    }
    Ok(path)
}

/// `DIR.key`, beside the data directory: a copy of the directory alone opens nothing.
pub(crate) fn key_file_beside(data: &Path) -> PathBuf {
    let absolute = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let name = absolute.file_name().map_or_else(|| "backhaul".into(), |name| name.to_string_lossy().into_owned());
    absolute.with_file_name(format!("{name}.key"))
}

fn long_enough(what: &str, text: String) -> Result<SecretString, SettingsError> {
    if text.chars().count() < CHOSEN_CHARS_MIN {
        return Err(SettingsError::TooShort(what.to_owned()));
    }
    Ok(text.into())
}

fn read_secret(path: &Path) -> Result<Option<String>, SettingsError> {
    let mut text = String::new();
    match File::open(path).and_then(|mut file| file.read_to_string(&mut text)) {
        // An empty file is what a crash at first start leaves.
        Ok(_) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SettingsError::File(path.to_owned(), error)),
    }
}

/// 32 random bytes as text, in a file that only this user can read, on disk before it is used.
fn make_secret(path: &Path) -> Result<SecretString, SettingsError> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| SettingsError::NoRandomness)?;
    let secret = SecretString::from(BASE64URL_NOPAD.encode(&bytes));
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        writeln!(file, "{}", secret.expose_secret())?;
        file.sync_all()
    });
    written.map_err(|error| SettingsError::File(path.to_owned(), error))?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewers_token_is_long_enough_and_not_the_operators() {
        let operator = SecretString::from("0123456789abcdef");
        let viewer = |given: Option<&str>| viewer_token(given.map(str::to_owned), &operator);
        assert!(viewer(None).unwrap().is_none());
        assert!(viewer(Some("fedcba9876543210")).unwrap().is_some());
        assert!(matches!(viewer(Some("")), Err(SettingsError::TooShort(_))));
        assert!(matches!(viewer(Some("0123456789abcdef")), Err(SettingsError::SameToken)));
    }

    #[cfg(unix)]
    #[test]
    fn the_token_that_is_made_can_be_read_by_this_user_only() {
        use std::os::unix::fs::PermissionsExt;
        let data = tempfile::tempdir().unwrap();
        api_token(data.path(), None).unwrap();
        let mode = std::fs::metadata(data.path().join("api-token")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_token_is_made_once_and_the_environment_wins() {
        let data = tempfile::tempdir().unwrap();
        let made = api_token(data.path(), None).unwrap();
        assert_eq!(api_token(data.path(), None).unwrap().expose_secret(), made.expose_secret());
        let given = api_token(data.path(), Some("sixteen-or-more-characters".to_owned())).unwrap();
        assert_eq!(given.expose_secret(), "sixteen-or-more-characters");
        assert!(api_token(data.path(), Some("short".to_owned())).is_err());
    }

    #[test]
    fn what_a_crash_at_first_start_left_is_made_anew() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join("api-token"), "").unwrap();
        assert!(api_token(data.path(), None).unwrap().expose_secret().len() > 30);
    }

    #[test]
    fn the_key_lies_beside_the_data_directory_and_not_in_it() {
        assert_eq!(key_file(None, Path::new("/srv/backhaul/data")).unwrap(), Path::new("/srv/backhaul/data.key"));
        assert_eq!(key_file(None, Path::new("/srv/backhaul/data/")).unwrap(), Path::new("/srv/backhaul/data.key"));
        let chosen = Path::new("/etc/backhaul.key");
        assert_eq!(key_file(Some(chosen), Path::new("/srv/data")).unwrap(), chosen);
    }

    #[test]
    fn a_lost_key_is_not_replaced_where_there_is_data() {
        let parent = tempfile::tempdir().unwrap();
        let data = parent.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let key = key_file(None, &data).unwrap();
        std::fs::write(data.join(STORE), "sealed").unwrap();
        let told = key_file(None, &data).unwrap_err().to_string();
        assert!(told.contains("--key-file"), "{told}");
        std::fs::write(key, "key").unwrap();
        assert!(key_file(None, &data).is_ok());
    }
}
