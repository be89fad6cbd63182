//! What the template promises AWS and what the code promises must be the same.

mod agrees;
mod rights;
mod source;
mod template;
mod watched;
mod ways_in;
