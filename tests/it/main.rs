#![doc = include_str!("../README.md")]

#[cfg(test)]
mod generated;
#[cfg(test)]
mod house;
