//! Trivial actions, one after the other and side by side: the time of each must not grow with their number.

use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use crate::reference;
use crate::service::Service;
use crate::statistics::{median, milliseconds, percentile};

pub async fn chains(service: &Service, place: &Path, sizes: &[usize]) {
    for is_chain in [true, false] {
        for size in sizes {
            measure(service, place, *size, is_chain).await;
        }
    }
}

async fn measure(service: &Service, place: &Path, size: usize, is_chain: bool) {
    let kind = if is_chain { "chain" } else { "side by side" };
    let name = format!("{}-{size}", if is_chain { "chain" } else { "fan" });
    let pipeline: Value = reference::trivial_pipeline(&name, size, is_chain);
    service.create(&pipeline, &place.join(format!("{name}.json")), &place.join("data")).await;
    let workspace = place.join(&name);
    fs::create_dir_all(&workspace).expect("a workspace");
    let trace = workspace.join("trace");
    let begun = Instant::now();
    let variables = [("TRACE", trace.to_string_lossy().into_owned())];
    let id = service.begin(&name, &variables).await;
    service.wait(&name, &id, &trace, "last").await;
    let each = milliseconds(begun.elapsed()) / size as f64;
    print!("{kind} of {size}: {each:.2} ms each");
    if is_chain {
        let gaps = reference::gaps_in_order(&trace);
        print!(", gap median {:.2} ms, p99 {:.2} ms", median(&gaps), percentile(&gaps, 99.0));
    }
    println!();
}
