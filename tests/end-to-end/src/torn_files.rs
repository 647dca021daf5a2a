//! The power fails while a file is written: whatever it leaves of the last write, the service goes on with what was
//! acknowledged, or refuses to start, names the file and says what to do; and that helps.

mod kinds;
mod moments;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::join_all;
use local::{DataDirectory, LocalStack, Options};
use tempfile::TempDir;
use tokio::sync::Semaphore;

use crate::declare::{PIPELINE, commands, stage};
use crate::served::Served;
use crate::shop::{Shop, copy_tree};
use kinds::{KINDS, Kind, Promise};
use moments::Moments;

/// Services at one time.
const AT_ONCE: usize = 4;

/// What may be left of the last write of a file, which had `before` bytes until then. The names are those of
/// [`Kind::goes_on_after`].
const REMAINS: [(&str, Remains); 4] = [
    ("nothing", |whole, before| whole[..before].to_vec()),
    ("half", |whole, before| whole[..before + (whole.len() - before) / 2].to_vec()),
    ("zeros", |whole, before| [&whole[..before], &vec![0; whole.len() - before]].concat()),
    ("garbage", |whole, _| [whole, b"\x00\xff{\"half a"].concat()),
];
type Remains = fn(&[u8], usize) -> Vec<u8>;

/// One of these the message says.
const REMEDIES: [&str; 4] = ["remove it", "delete it", "move the file away", "Restore a backup"];

/// A file below the data directory, and what is left of it.
type Torn = (PathBuf, Vec<u8>);

async fn start(data: &Path) -> Result<LocalStack, String> {
    let directory = DataDirectory::open(data).map_err(|refused| refused.to_string())?;
    directory.region().map_err(|refused| refused.to_string())?;
    LocalStack::start(directory, Options::default()).await.map_err(|refused| refused.to_string())
}

/// The later moment with these files torn, and the data directory in it.
fn torn(moments: &Moments, files: &[Torn]) -> (TempDir, PathBuf) {
    let place = room();
    let data = place.path().join("data");
    copy_tree(moments.later(), &data);
    for (file, bytes) in files {
        fs::write(data.join(file), bytes).expect("the file can be torn");
    }
    (place, data)
}

/// In memory where there is a place for that: what is torn here is torn on purpose.
fn room() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("there is room")
}

async fn goes_on(moments: &Moments, what: &str, files: &[Torn]) {
    let (place, data) = torn(moments, files);
    let stack = start(&data).await.unwrap_or_else(|refused| panic!("{what}: {refused}"));
    let shop = Shop::of(stack, place);
    moments.check_what_was_acknowledged(&shop, what).await;
    // What was written behind what was left spoils no later start.
    shop.after_power_failure().await;
}

async fn is_refused_and_what_is_said_helps(moments: &Moments, what: &str, (file, bytes): Torn) {
    let (_place, data) = torn(moments, &[(file.clone(), bytes)]);
    let refused = start(&data).await.err().unwrap_or_else(|| panic!("{what} of {file:?} is taken for whole"));
    let name = file.file_name().expect("it has a name").to_string_lossy();
    assert!(refused.contains(&*name), "{what} of {file:?}: {refused}");
    let (_place, data) = torn(moments, &[]);
    match REMEDIES.iter().find(|remedy| refused.contains(**remedy)) {
        // As it was before it was torn.
        Some(&"Restore a backup") => {}
        Some(_) => fs::remove_file(data.join(&file)).expect("it was there"),
        None => panic!("{what} of {file:?}: what is to be done? {refused}"),
    }
    if let Err(again) = start(&data).await {
        panic!("{what} of {file:?}: it was done as {refused:?} says, and then {again}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_torn_the_service_goes_on_with_what_was_acknowledged_or_names_the_file() {
    let moments = Arc::new(Moments::make().await);
    let files = moments.newest_of_each_kind();
    let lasting = KINDS.iter().filter(|kind| !kind.is_passing);
    let missing = lasting.filter(|kind| !files.iter().any(|(found, _)| found.pattern == kind.pattern));
    assert_eq!(missing.map(|kind| kind.pattern).collect::<Vec<_>>(), [""; 0], "no such file was written");
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut cases = Vec::new();
    for (what, remains) in REMAINS {
        let tear = |file: &PathBuf| (file.clone(), remains(&moments.whole(file), moments.before(file)));
        let goes_on_after =
            |kind: &Kind| kind.promise == Promise::GoesOn || kind.goes_on_after.contains(&what);
        let (going_on, refused): (Vec<_>, Vec<_>) = files.iter().partition(|(kind, _)| goes_on_after(kind));
        // What stops nothing stops nothing together with its likes.
        let going_on: Vec<_> = going_on.iter().map(|(_, file)| tear(file)).collect();
        let turn = (moments.clone(), turns.clone());
        cases.push(tokio::spawn(async move {
            let _turn = turn.1.acquire().await.expect("it is open");
            goes_on(&turn.0, what, &going_on).await;
        }));
        for (file, bytes) in refused.iter().map(|(_, file)| tear(file)) {
            let turn = (moments.clone(), turns.clone());
            cases.push(tokio::spawn(async move {
                let _turn = turn.1.acquire().await.expect("it is open");
                is_refused_and_what_is_said_helps(&turn.0, what, (file, bytes)).await;
            }));
        }
    }
    let failed = join_all(cases).await.into_iter().filter(Result::is_err).count();
    assert_eq!(failed, 0, "so many failed, as they have said");
}

#[test]
fn a_torn_note_of_where_the_service_is_or_of_a_push_holds_no_start_up() {
    let mut served = Served::with([stage("Build", [commands("Compile", ["true"])])]);
    assert_eq!(served.newest_end(), "Succeeded");
    served.kill();
    let note = served.data().join("service.json");
    let whole = fs::read(&note).expect("a killed service leaves it");
    for (what, remains) in REMAINS {
        fs::write(&note, remains(&whole, 0)).expect("it can be torn");
        let asked = served.say(&["list"]);
        assert_eq!(asked.status, Some(7), "{what}: {}", asked.output);
        asked.assert_says(&["pipewright up"]);
    }
    fs::create_dir_all(served.data().join("pushes")).expect("a directory");
    fs::write(served.data().join("pushes/0-torn.json"), "{\"ref").expect("a torn push");
    served.start(&[]);
    served.say(&["start", PIPELINE, "--wait"]).assert_status(0);
}
