//! Notices by mail, through the server that was named at start.

use async_trait::async_trait;
use domain::{Code, NoticeWay, Redactor, Said, remark};
use export_flow::notices::{Letter, Notifier, TellingWays, Undelivered};
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::transport::smtp;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use url::{Host, Url};

/// A mail server that says nothing for so long is taken for down.
const TIME_OUT: Duration = Duration::from_secs(20);

/// Why mail cannot be sent from here. Never repeats the address of the server, which may hold a password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MailError {
    /// The server.
    #[error(
        "BACKHAUL_SMTP_URL must be smtps://user:password@host:port, or smtp:// where the server offers STARTTLS: {0}"
    )]
    Server(String),
    /// The sender.
    #[error("BACKHAUL_SMTP_FROM must be the address that mails come from: backhaul@example.com")]
    Sender,
}

/// The ways besides signed calls that this process has.
pub(crate) fn ways(url: Option<SecretString>, from: Option<String>) -> Result<TellingWays, MailError> {
    let Some(url) = url else { return Ok(TellingWays::default()) };
    let server = Url::parse(url.expose_secret()).map_err(|error| MailError::Server(error.to_string()))?;
    let sender = from.unwrap_or_else(|| server.username().replace("%40", "@"));
    let sender: Mailbox = sender.parse().map_err(|_| MailError::Sender)?;
    Ok(TellingWays { here: vec![Arc::new(Mail::new(server, sender)?)], elsewhere: BTreeSet::new() })
}

struct Mail {
    server: AsyncSmtpTransport<Tokio1Executor>,
    sender: Mailbox,
}

impl Mail {
    /// Without `tls=` in its address, a server that is not on this machine must offer STARTTLS: nobody on the way reads
    /// the password.
    fn new(mut server: Url, sender: Mailbox) -> Result<Self, MailError> {
        let local = match server.host() {
            Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            // Of a scheme that it does not know, the parser keeps numbers as names.
            _ => false,
        } || server
            .host_str()
            .and_then(|host| host.parse().ok())
            .is_some_and(|ip: std::net::IpAddr| ip.is_loopback());
        if server.scheme() == "smtp" && !local && !server.query_pairs().any(|(name, _)| name == "tls") {
            server.query_pairs_mut().append_pair("tls", "required");
        }
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(server.as_str())
            .map_err(|error| MailError::Server(kind(&error).to_string()))?
            .timeout(Some(TIME_OUT))
            .build();
        Ok(Self { server, sender })
    }

    fn message(&self, letter: &Letter, to: &[String]) -> Result<Message, Undelivered> {
        let refused = |what| Undelivered::new(Code::NoticeRefused, what);
        let host = self.sender.email.domain();
        let mut message = Message::builder()
            .from(self.sender.clone())
            .subject(&letter.subject)
            .message_id(Some(format!("<{}@{host}>", letter.id)))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN);
        for address in to {
            message = message.to(address.parse().map_err(|_| refused(remark::mail_address()))?);
        }
        message.body(letter.text.clone()).map_err(|_| refused(remark::mail_unwritten()))
    }
}

#[async_trait]
impl Notifier for Mail {
    fn way(&self) -> NoticeWay {
        NoticeWay::Email
    }

    async fn notify(&self, letter: &Letter, to: &[String]) -> Result<(), Undelivered> {
        let message = self.message(letter, to)?;
        self.server.send(message).await.map(drop).map_err(|error| failed(&error))
    }
}

/// Keeps answering machines from answering (RFC 3834).
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

fn failed(error: &smtp::Error) -> Undelivered {
    let code = if error.is_permanent() || error.is_transient() {
        Code::NoticeRefused
    } else if error.is_tls() {
        Code::TlsFailed
    } else {
        Code::Unreachable
    };
    let said = std::error::Error::source(error).map_or_else(|| kind(error), |cause| cause.to_string().into());
    // Servers like to repeat the addresses they refuse.
    Undelivered::new(code, said.cleaned(&Redactor::default()))
}

fn kind(error: &smtp::Error) -> Said {
    if error.is_timeout() {
        remark::no_answer()
    } else if error.is_permanent() || error.is_transient() {
        remark::refused_unsaid()
    } else if error.is_tls() {
        remark::mail_insecure()
    } else {
        remark::mail_unanswered()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{NoticeKind, TenantId};
    use export_flow::notices::{Facts, Language, Notice};
    use std::net::SocketAddr;
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;
    use tokio::task::JoinHandle;

    fn letter() -> Letter {
        let at = "2026-03-02T12:00:00Z".parse().unwrap();
        Letter::of(
            &Notice::new(TenantId::local(), "test:1".into(), NoticeKind::Test, at, Facts::default()),
            Language::En,
        )
    }

    /// Takes one mail and answers with what it was told; `refuses` is the command that it does not take.
    async fn server(refuses: Option<&'static str>) -> (SocketAddr, JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            let mut told = vec![];
            let mut in_data = false;
            write.write_all(b"220 practice.example\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = match line.split([' ', ':']).next().unwrap_or_default() {
                    "." if in_data => {
                        in_data = false;
                        "250 taken\r\n"
                    }
                    _ if in_data => "",
                    word if refuses == Some(word) => "550 no such user <a@example.com>\r\n",
                    "EHLO" => "250-practice.example\r\n250 8BITMIME\r\n",
                    "DATA" => {
                        in_data = true;
                        "354 go on\r\n"
                    }
                    "QUIT" => "221 bye\r\n",
                    _ => "250 fine\r\n",
                };
                told.push(line);
                write.write_all(answer.as_bytes()).await.unwrap();
            }
            told
        });
        (address, task)
    }

    fn mail(address: SocketAddr) -> TellingWays {
        ways(Some(format!("smtp://{address}").into()), Some("Backhaul <backhaul@example.com>".into())).unwrap()
    }

    #[tokio::test]
    async fn a_mail_goes_to_every_recipient_under_the_id_of_its_notice() {
        let (address, task) = server(None).await;
        let to = ["a@example.com".to_owned(), "b@example.com".to_owned()];
        mail(address).here[0].notify(&letter(), &to).await.unwrap();
        let told = task.await.unwrap();
        for line in [
            "MAIL FROM:<backhaul@example.com>",
            "RCPT TO:<a@example.com>",
            "RCPT TO:<b@example.com>",
            "Subject: Backhaul: A test",
            "Auto-Submitted: auto-generated",
            &format!("Message-ID: <{}@example.com>", letter().id),
        ] {
            assert!(told.iter().any(|said| said.starts_with(line)), "{line} in {told:#?}");
        }
        assert!(told.iter().any(|line| line.contains("Somebody tried the way")), "{told:#?}");
    }

    #[tokio::test]
    async fn what_the_server_refuses_is_told_without_the_address_it_names() {
        let (address, task) = server(Some("RCPT")).await;
        let refused = mail(address).here[0].notify(&letter(), &["a@example.com".to_owned()]).await.unwrap_err();
        assert_eq!(refused.code, Code::NoticeRefused);
        assert!(!refused.message.contains("a@example.com"), "{refused}");
        drop(task);
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_unreachable() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let refused = mail(address).here[0].notify(&letter(), &["a@example.com".to_owned()]).await.unwrap_err();
        assert_eq!(refused.code, Code::Unreachable);
    }

    #[tokio::test]
    async fn a_server_elsewhere_that_offers_no_tls_gets_no_mail() {
        // It is this machine, but its name does not say so.
        let (address, task) = server(None).await;
        let url = format!("smtp://user:secret@127.0.0.1:{}?tls=required", address.port());
        let ways = ways(Some(url.into()), Some("backhaul@example.com".into())).unwrap();
        let refused = ways.here[0].notify(&letter(), &["a@example.com".to_owned()]).await.unwrap_err();
        assert_eq!(refused.code, Code::Unreachable, "{refused}");
        let told = task.await.unwrap();
        assert!(!told.iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL")), "{told:?}");
    }

    #[test]
    fn what_cannot_be_used_is_refused_at_start_without_its_password() {
        for (url, from) in [
            ("https://u:s3cret@x.example", Some("a@x.example")),
            ("s3cret", Some("a@x.example")),
            ("smtps://u:s3cret@x.example", None),
        ] {
            let Err(told) = ways(Some(url.to_owned().into()), from.map(str::to_owned)) else { panic!("{url}") };
            assert!(!told.to_string().contains("s3cret"), "{told}");
        }
        assert!(ways(Some("smtps://me%40x.example:pw@x.example".to_owned().into()), None).is_ok());
        assert!(ways(None, None).unwrap().here.is_empty());
    }
}
