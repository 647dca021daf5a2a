//! The commands `backup` and `restore`.

use super::error::BackupError;
use super::{backup, restore};
use crate::cli::{BackupArguments, Exit, RestoreArguments};
use crate::data_directory::DataDirectoryError;
use crate::run::{complain_of, say};

/// `pipewright backup`
pub async fn back_up(arguments: BackupArguments) -> Exit {
    match backup(&arguments.data, &arguments.target).await {
        Ok(()) => {
            let (data, target) = (arguments.data.display(), arguments.target.display());
            say(&format!(
                "{data} is backed up in {target}. It holds the signing key: keep it to yourself.\n"
            ));
            Exit::Succeeded
        }
        Err(error) => complain_of(exit_of(&error), &error.to_string()),
    }
}

/// `pipewright restore`
pub fn bring_back(arguments: &RestoreArguments) -> Exit {
    match restore(&arguments.backup, &arguments.data) {
        Ok(()) => {
            let data = arguments.data.display();
            say(&format!("{data} is restored. Start it with: pipewright up --data {data}\n"));
            Exit::Succeeded
        }
        Err(error) => complain_of(exit_of(&error), &error.to_string()),
    }
}

fn exit_of(error: &BackupError) -> Exit {
    match error {
        BackupError::Exists(_) => Exit::Usage,
        BackupError::NoData(_) => Exit::NotFound,
        BackupError::Service(_) | BackupError::Directory(DataDirectoryError::InUse(_)) => Exit::Unreachable,
        _ => Exit::Failed,
    }
}
