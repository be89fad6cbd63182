//! What the template promises AWS and what the code promises must be the same.

#[cfg(test)]
mod agrees;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod source;
#[cfg(test)]
mod template;
#[cfg(test)]
mod watched;
#[cfg(test)]
mod ways_in;
