//! Random bytes that a replay draws again.
//!
//! The driver draws one seed per execution and records it; tokens, UUIDs and jitter are derived from
//! the seed and a counter, so that reading a journal again gives the same execution.

use sha2::{Digest, Sha256};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Randomness {
    seed: [u8; 32],
    drawn: u64,
}

impl Randomness {
    pub(crate) fn new(seed: &str) -> Self {
        Self { seed: Sha256::digest(seed).into(), drawn: 0 }
    }

    pub(crate) fn bytes(&mut self) -> [u8; 16] {
        self.drawn += 1;
        let digest = Sha256::new().chain_update(self.seed).chain_update(self.drawn.to_be_bytes()).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        bytes
    }

    /// Uniform in 0..1.
    pub(crate) fn fraction(&mut self) -> f64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.bytes()[..8]);
        // The 53 bits that an f64 holds exactly.
        (u64::from_be_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid().to_string()
    }
}
