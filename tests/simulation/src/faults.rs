//! What goes wrong, and how often. The rates of a run are drawn once from its seed, and some runs have
//! none: what ends only because something failed would otherwise never be noticed.

use rand::Rng;
use rand::rngs::StdRng;

/// Chances in 1,000, at each place where the fault can happen.
#[derive(Debug, Clone, Default)]
pub struct Faults {
    /// The process dies between two of its steps.
    pub crash: u32,
    /// The transaction was written, and its writer hears nothing; or Step Functions does not hear a reply.
    pub lost_reply: u32,
    /// A call or an event comes twice.
    pub duplicate: u32,
    /// A step takes seconds or minutes instead of milliseconds: what follows is late and out of order.
    pub slow: u32,
    /// A provider's event never comes.
    pub lost_event: u32,
    /// Somebody aborts a state machine, or it fails for good.
    pub kill: u32,
}

impl Faults {
    pub fn draw(seed: u64, rng: &mut StdRng) -> Self {
        let kill = if seed.is_multiple_of(7) { 60 } else { 0 };
        let mut rate = |most: u32| rng.random_range(0..=most);
        match rate(5) {
            0 => Self { kill, ..Self::default() },
            1 => Self { slow: 200, duplicate: 200, ..Self::default() },
            2 => Self { crash: 120, ..Self::default() },
            _ => Self {
                crash: rate(60),
                lost_reply: rate(100),
                duplicate: rate(150),
                slow: rate(150),
                lost_event: rate(300),
                kill,
            },
        }
    }
}
