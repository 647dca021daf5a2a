//! A service over HTTP that answers as a test says, so that the real SDK speaks to it: connections, signatures,
//! pages and errors are those of every day.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use serde_json::Value;

use crate::connection::Connection;

/// What the service says to an operation and its input: an answer, an exception, or nothing at all.
pub(crate) enum Answer {
    Of(Value),
    Exception(&'static str, String),
    /// The connection is cut, as by a service that ends.
    Cut,
}

pub(crate) struct Service {
    address: String,
    calls: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Service {
    pub fn start(answer: impl FnMut(&str, &Value) -> Answer + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(Vec::new()));
        let answer: Shared = Arc::new(Mutex::new((Box::new(answer), calls.clone())));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = answer.clone();
                thread::spawn(move || serve(stream, &answer));
            }
        });
        Self { address, calls }
    }

    pub fn connection(&self) -> Connection {
        connection_to(&self.address)
    }

    /// The operations that were asked for, with their inputs.
    pub fn calls(&self) -> Vec<(String, Value)> {
        self.calls.lock().unwrap().clone()
    }

    pub fn input_of(&self, operation: &str) -> Value {
        let calls = self.calls();
        let call = calls.iter().rev().find(|(name, _)| name == operation);
        call.unwrap_or_else(|| panic!("{operation} was not called: {calls:?}")).1.clone()
    }
}

pub(crate) fn connection_to(endpoint_url: &str) -> Connection {
    let credentials = Credentials::new("PWTEST", "secret", None, None, "test");
    Connection::Known {
        endpoint_url: endpoint_url.to_owned(),
        region: "eu-west-1".to_owned(),
        credentials: SharedCredentialsProvider::new(credentials),
    }
}

type Answering = Box<dyn FnMut(&str, &Value) -> Answer + Send>;
type Shared = Arc<Mutex<(Answering, Arc<Mutex<Vec<(String, Value)>>>)>>;

fn serve(mut stream: TcpStream, answer: &Shared) {
    while let Some((operation, input)) = request(&mut stream) {
        let answer = {
            let mut shared = answer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            shared.1.lock().unwrap().push((operation.clone(), input.clone()));
            (shared.0)(&operation, &input)
        };
        let (status, body) = match answer {
            Answer::Of(body) => ("200 OK", body.to_string()),
            Answer::Exception(code, message) => {
                ("400 Bad Request", serde_json::json!({ "__type": code, "message": message }).to_string())
            }
            Answer::Cut => return,
        };
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/x-amz-json-1.1\r\nx-amzn-requestid: request-7\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all((head + &body).as_bytes()).is_err() {
            return;
        }
    }
}

/// The operation and the input of the next request of a connection.
fn request(stream: &mut TcpStream) -> Option<(String, Value)> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    let header =
        |name: &str| headers.clone().find(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let mut body = vec![0; header("content-length").map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).ok()?;
    assert!(
        header("authorization").is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256")),
        "signed: {head}"
    );
    let target = header("x-amz-target").unwrap();
    let operation = target.rsplit('.').next().unwrap().to_owned();
    Some((operation, serde_json::from_slice(&body).unwrap()))
}
