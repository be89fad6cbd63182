//! The data directory.

use crate::{at, store};
use domain::{Role, SealedSecret};
use export_flow::ports::{Keys, Ledger};
use secrecy::SecretString;
use sqlite::{OpenError, SealedKeys, SqliteStore};
use testkit::{ManualClock, SeededEntropy, samples};

#[test]
fn a_second_process_is_refused_until_the_first_has_ended() {
    let (first, directory) = store();
    let open = || SqliteStore::open(directory.path(), ManualClock::at_noon());
    let refused = open().unwrap_err();
    assert!(matches!(refused, OpenError::InUse));
    assert_eq!(refused.code(), domain::Code::InUse);
    drop(first);
    open().unwrap();
}

#[test]
fn a_file_of_a_newer_version_is_refused_untouched() {
    let (first, directory) = store();
    drop(first);
    let file = rusqlite::Connection::open(directory.path().join("backhaul.db")).unwrap();
    file.pragma_update(None, "user_version", 1000).unwrap();
    drop(file);
    let refused = SqliteStore::open(directory.path(), ManualClock::at_noon()).unwrap_err();
    assert!(matches!(refused, OpenError::Newer { found: 1000, known: 1.. }), "{refused}");
}

#[test]
fn what_is_no_database_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("backhaul.db"), "this is a letter, not a database, and a long one at that")
        .unwrap();
    let refused = SqliteStore::open(directory.path(), ManualClock::at_noon()).unwrap_err();
    assert!(matches!(refused, OpenError::Database(_)), "{refused}");
}

#[cfg(unix)]
#[tokio::test]
async fn directory_and_files_are_for_their_owner_alone() {
    use std::os::unix::fs::MetadataExt;
    let above = tempfile::tempdir().unwrap();
    let directory = above.path().join("data");
    let store = at(&directory);
    store.put_connection(&samples::connection(&samples::shop(), Role::Channel, "magento"), None).await.unwrap();
    assert_eq!(std::fs::metadata(&directory).unwrap().mode() & 0o777, 0o700);
    let mut names = vec![];
    for file in std::fs::read_dir(&directory).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600, "{file:?}");
        names.push(file.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, ["backhaul.db", "backhaul.db-shm", "backhaul.db-wal", "lock"]);
}

#[tokio::test]
async fn no_file_shows_a_secret() {
    const SECRET: &str = "hunter2-of-the-shop";
    let (store, directory) = store();
    let keys = SealedKeys::from_text(&SecretString::from("5a".repeat(32)), SeededEntropy::new(1)).unwrap();
    let sealed = keys.seal(&samples::shop(), "token", &SecretString::from(SECRET)).await.unwrap();
    let mut connection = samples::connection(&samples::shop(), Role::Channel, "magento");
    connection.secrets.insert("token".into(), SealedSecret::entered(samples::noon(), sealed));
    assert!(store.put_connection(&connection, None).await.unwrap());
    let shown = |word: &str| {
        let files = std::fs::read_dir(directory.path()).unwrap();
        let contents = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        contents.filter(|content| content.windows(word.len()).any(|window| window == word.as_bytes())).count()
    };
    assert!(shown("magento") > 0 && shown(SECRET) == 0);
    // Closing moves what is in the log into the database.
    drop(store);
    assert!(shown("magento") > 0 && shown(SECRET) == 0);
}
