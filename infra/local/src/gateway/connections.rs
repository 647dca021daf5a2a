//! Connections: taken one by one, each in a task of its own, so that a slow one holds nobody else up.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

use super::endpoint::Gateway;
use super::listen::Listeners;

/// Later ones wait in the system's queue. A team's clients are a few dozen.
const CONNECTIONS_MAX: usize = 256;
/// For the head of a request; also how long a connection may be kept between two requests.
const HEAD_TIME_MAX: Duration = Duration::from_secs(30);
/// For method, path and all headers; API Gateway takes 10,240 bytes of headers.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// How long requests under way may take when the service stops.
const STOP_TIME_MAX: Duration = Duration::from_secs(5);
/// After an accept that failed, as it does while the process has too many files open.
const PAUSE: Duration = Duration::from_millis(100);

/// Answers requests until `stop` says true; then finishes those under way, and returns.
pub async fn serve(listeners: Listeners, gateway: Arc<Gateway>, mut stop: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    loop {
        let (stream, peer, slot) = tokio::select! {
            biased;
            () = stopped(&mut stop) => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listeners, &slots) => accepted,
        };
        connections.spawn(connection(stream, peer, gateway.clone(), stop.clone(), slot));
    }
    drop(listeners);
    let finishing = async { while connections.join_next().await.is_some() {} };
    // Whoever is not done by then is cut off.
    let _ = tokio::time::timeout(STOP_TIME_MAX, finishing).await;
}

/// Ends when the service stops; whoever could say so being gone says it too.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn accept(
    listeners: &Listeners,
    slots: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        let Ok(slot) = slots.clone().acquire_owned().await else { std::future::pending().await };
        let accepted = tokio::select! {
            accepted = listeners.ipv4.accept() => accepted,
            accepted = accept_if_there(listeners.ipv6.as_ref()) => accepted,
        };
        match accepted {
            Ok((stream, peer)) => return (stream, peer, slot),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn accept_if_there(listener: Option<&TcpListener>) -> std::io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    gateway: Arc<Gateway>,
    mut stop: watch::Receiver<bool>,
    _slot: OwnedSemaphorePermit,
) {
    // Answers are small and wait for nothing that would come after them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: http::Request<Incoming>| {
        let gateway = gateway.clone();
        async move { Ok::<_, Infallible>(gateway.answer(request, peer.ip()).await.map(Full::new)) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        () = stopped(&mut stop) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, %peer, "a connection broke off");
    }
}
