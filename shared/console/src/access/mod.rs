//! How people and programs are let in: on one machine, or behind a gateway. A choice of whoever builds the router.

mod by;
mod claims;
mod deeds;
pub(crate) mod gate;
mod gateway;
mod id_token;
mod issuer;
mod local;
mod seal;

pub use claims::Claims;
pub use gateway::{Gateway, GatewayError, GatewaySettings};
pub use local::OneToken;

pub(crate) use by::{By, Door, SESSION, TOKEN, VIEWER_TOKEN};
pub(crate) use gateway::{
    CALLBACK_PATH, CameBack, LOGGED_OUT_PATH, LOGIN_COOKIE, LOGIN_LIFE, SESSION_COOKIE, SESSION_LIFE, local_path,
};
pub(crate) use issuer::SignInError;

/// How people and programs are let in.
pub enum Access {
    /// One machine: bearer tokens for the API, one-time links for the pages, sessions in memory.
    Local(OneToken),
    /// Many instances behind a gateway that has verified the API's tokens; the pages by an identity provider's login.
    /// Nothing that one instance remembers is needed by another.
    Gateway(Box<Gateway>),
}

impl Access {
    /// The gateway's half of it, where there is one.
    pub(crate) fn gateway(&self) -> Option<&Gateway> {
        match self {
            Self::Local(_) => None,
            Self::Gateway(gateway) => Some(gateway),
        }
    }
}
