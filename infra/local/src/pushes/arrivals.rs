//! When it is worth looking into the spool: the kernel says when a file has come. An idle service is not woken.

use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use tokio::net::unix::pipe::Receiver;

/// A push is renamed into its place.
const ARRIVAL: WatchFlags = WatchFlags::MOVED_TO.union(WatchFlags::ONLYDIR);
/// What is read at once of what the kernel says; nobody looks at it.
const WORDS_BYTES: usize = 4096;

pub(super) struct Arrivals {
    /// Waited for and read as a pipe is.
    kernel: Receiver,
    directory: PathBuf,
}

impl Arrivals {
    /// # Errors
    /// The kernel's: a user has only so many of these.
    pub(super) fn into(directory: &Path) -> io::Result<Self> {
        let kernel = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        Ok(Self { kernel: Receiver::from_owned_fd_unchecked(kernel)?, directory: directory.to_owned() })
    }

    /// From now on the kernel tells of the directory, which may be another one than the last time. What has come
    /// before is to be looked for.
    ///
    /// # Errors
    /// There is no such directory.
    pub(super) fn watch(&self) -> io::Result<()> {
        inotify::add_watch(&self.kernel, &self.directory, ARRIVAL)?;
        Ok(())
    }

    /// Returns when something has come since the last time.
    ///
    /// # Errors
    /// The kernel says no more.
    pub(super) async fn next(&self) -> io::Result<()> {
        loop {
            self.kernel.readable().await?;
            match self.kernel.try_read(&mut [0; WORDS_BYTES]) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    const LONG: Duration = Duration::from_secs(20);
    const SHORT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn a_file_that_is_renamed_into_the_directory_arrives_and_nothing_else_does() {
        let place = tempfile::tempdir().expect("a directory");
        let spool = place.path().join("spool");
        let arrivals = Arrivals::into(&spool).expect("the kernel tells");
        assert!(arrivals.watch().is_err(), "there is no directory yet");
        let arrive = |name: &str| {
            fs::write(place.path().join(name), "").expect("a file");
            fs::rename(place.path().join(name), spool.join(name)).expect("it is moved");
        };
        for round in 0..2 {
            fs::create_dir(&spool).expect("a directory");
            arrivals.watch().expect("it is there");
            fs::write(spool.join("half"), "").expect("a file that is being written");
            fs::remove_file(spool.join("half")).expect("it is removed");
            arrive("before");
            timeout(LONG, arrivals.next()).await.expect("it arrives").expect("the kernel tells");
            assert!(timeout(SHORT, arrivals.next()).await.is_err(), "round {round}: once");
            fs::remove_dir_all(&spool).expect("it is lost");
            // That the directory is gone is worth a look, too.
            timeout(LONG, arrivals.next()).await.expect("it is told").expect("the kernel tells");
        }
    }
}
