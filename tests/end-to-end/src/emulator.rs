//! An AWS service that is called with forms, on a port of this machine: it answers what the scenario says, in the XML
//! of AWS's API references.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use local::Options;
use local::forwarding::{AwsEndpoint, AwsEndpoints};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The members of a call; `Action` is its operation.
pub type Form = BTreeMap<String, String>;
/// A status and a body.
pub type Answer = (u16, String);

type Script = Arc<dyn Fn(&Form) -> Answer + Send + Sync>;

pub struct Emulator {
    port: u16,
    calls: Arc<Mutex<Vec<Form>>>,
}

impl Emulator {
    pub async fn open(script: impl Fn(&Form) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (calls, script): (Arc<Mutex<Vec<Form>>>, Script) = (Arc::default(), Arc::new(script));
        let told = calls.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, script.clone(), told.clone()));
            }
        });
        Self { port, calls }
    }

    /// A stack whose calls of `service` come here.
    pub fn options(&self, service: &str) -> Options {
        let endpoint: AwsEndpoint =
            format!("{service}=http://127.0.0.1:{}", self.port).parse().expect("an endpoint");
        let aws_endpoints: AwsEndpoints = [endpoint].into_iter().collect();
        Options { aws_endpoints, ..Options::default() }
    }

    /// Those of one operation, in order.
    pub fn calls(&self, operation: &str) -> Vec<Form> {
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.iter().filter(|form| form["Action"] == operation).cloned().collect()
    }
}

async fn serve(mut stream: TcpStream, script: Script, told: Arc<Mutex<Vec<Form>>>) {
    let Some(body) = read(&mut stream).await else { return };
    let form = form(&body);
    let (status, text) = script(&form);
    told.lock().unwrap_or_else(PoisonError::into_inner).push(form);
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: text/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        text.len()
    );
    let _ = stream.write_all(format!("{head}{text}").as_bytes()).await;
}

/// The body of a request, whose length is told.
async fn read(stream: &mut TcpStream) -> Option<String> {
    let (mut read, mut buffer) = (Vec::new(), vec![0; 65536]);
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_lowercase().lines().find_map(|line| {
                line.strip_prefix("content-length:").and_then(|length| length.trim().parse().ok())
            });
            if body.len() >= length.unwrap_or(0_usize) {
                return Some(body.to_owned());
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => read.extend_from_slice(&buffer[..count]),
        }
    }
}

fn form(body: &str) -> Form {
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let bytes = text.replace('+', " ").into_bytes();
    let (mut decoded, mut position) = (Vec::new(), 0);
    while position < bytes.len() {
        let hexadecimal = || std::str::from_utf8(bytes.get(position + 1..position + 3)?).ok();
        match hexadecimal().and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if bytes[position] == b'%' => {
                decoded.push(byte);
                position += 3;
            }
            _ => {
                decoded.push(bytes[position]);
                position += 1;
            }
        }
    }
    String::from_utf8(decoded).expect("a text")
}

/// The answer of an operation, with this in its result.
pub fn answer(operation: &str, result: &str) -> Answer {
    let body = format!(
        "<{operation}Response><{operation}Result>{result}</{operation}Result><ResponseMetadata><RequestId>r\
         </RequestId></ResponseMetadata></{operation}Response>"
    );
    (200, body)
}

pub fn refusal(status: u16, code: &str, message: &str) -> Answer {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>r</RequestId></ErrorResponse>"
    );
    (status, body)
}
