//! The sockets: on the loopback addresses of this machine, and on no other.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};

use tokio::net::TcpListener;

/// The same port of 127.0.0.1 and, where the machine has it, of ::1.
#[derive(Debug)]
pub struct Listeners {
    pub port: u16,
    pub(super) ipv4: TcpListener,
    pub(super) ipv6: Option<TcpListener>,
}

#[derive(Debug)]
pub enum ListenError {
    InUse { port: u16 },
    Refused { port: u16, source: io::Error },
}

impl fmt::Display for ListenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse { port } => write!(
                f,
                "another process listens on port {port} of this machine. Stop it, or choose another port with \
                 --port (0 takes any that is free)"
            ),
            Self::Refused { port, source } => {
                write!(f, "port {port} of 127.0.0.1 cannot be listened on: {source}")
            }
        }
    }
}

impl std::error::Error for ListenError {}

/// Somebody else may have a free port of 127.0.0.1 on ::1; then another one is tried.
const ATTEMPTS_AT_ANY_PORT: u32 = 16;

impl Listeners {
    /// `port` 0: any that is free on both addresses.
    ///
    /// # Errors
    /// `InUse` when another process has it on one of the addresses: a client that is told `localhost` would
    /// reach that one.
    pub async fn open(port: u16) -> Result<Self, ListenError> {
        let attempts = if port == 0 { ATTEMPTS_AT_ANY_PORT } else { 1 };
        let mut opened = open_once(port).await;
        for _ in 1..attempts {
            if !matches!(opened, Err(ListenError::InUse { .. })) {
                break;
            }
            opened = open_once(port).await;
        }
        opened
    }
}

async fn open_once(port: u16) -> Result<Listeners, ListenError> {
    let why = |port| {
        move |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => ListenError::InUse { port },
            _ => ListenError::Refused { port, source },
        }
    };
    let ipv4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(why(port))?;
    let port = ipv4.local_addr().map_err(why(port))?.port();
    let ipv6 = match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
        Ok(listener) => Some(listener),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => return Err(ListenError::InUse { port }),
        // A machine without IPv6.
        Err(_) => None,
    };
    Ok(Listeners { port, ipv4, ipv6 })
}
