//! Randomness.

use connectors::Entropy;
use ring::rand::{SecureRandom, SystemRandom};

/// The operating system's randomness, fit for keys and nonces.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    /// When the operating system gives no randomness: nothing that follows would be safe.
    fn bytes(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        #[expect(
            clippy::expect_used,
            reason = "without randomness no key, token or lease is safe; no outside data leads here"
        )]
        SystemRandom::new().fill(&mut bytes).expect("the operating system gives randomness");
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_draws_are_equal() {
        let entropy = SystemEntropy;
        let drawn: HashSet<_> = (0..1000).map(|_| entropy.bytes()).collect();
        assert_eq!(drawn.len(), 1000);
    }
}
