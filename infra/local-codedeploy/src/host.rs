//! The users of this host, for `runas`, `owner` and `group`.

use std::collections::{HashMap, HashSet};
use std::fs;

#[derive(Debug, Clone, Default)]
pub(crate) struct Host {
    pub(crate) user_id: u32,
    /// Of the current user; `None` when the user database does not know it.
    pub(crate) user: Option<String>,
    pub(crate) users: HashMap<String, u32>,
    pub(crate) groups: HashMap<String, u32>,
    /// Groups that the current user belongs to.
    pub(crate) own_groups: HashSet<u32>,
}

impl Host {
    /// From `/etc/passwd` and `/etc/group`; users of a directory service are not found.
    pub(crate) fn current() -> Self {
        let users = database("/etc/passwd");
        let user_id = rustix::process::geteuid().as_raw();
        let user = users.iter().find(|(_, id)| **id == user_id).map(|(name, _)| name.clone());
        let mut own_groups: HashSet<u32> =
            rustix::process::getgroups().unwrap_or_default().iter().map(|group| group.as_raw()).collect();
        own_groups.insert(rustix::process::getegid().as_raw());
        Self { user_id, user, users, groups: database("/etc/group"), own_groups }
    }

    /// The id to give a file to, or why this user may not.
    pub(crate) fn owner(&self, name: &str) -> Result<u32, String> {
        let id = *self.users.get(name).ok_or_else(|| format!("this host has no user {name}"))?;
        if id == self.user_id || self.user_id == 0 {
            return Ok(id);
        }
        Err(format!("only root may give files to the user {name}"))
    }

    /// As [`Host::owner`], for a group.
    pub(crate) fn group(&self, name: &str) -> Result<u32, String> {
        let id = *self.groups.get(name).ok_or_else(|| format!("this host has no group {name}"))?;
        if self.own_groups.contains(&id) || self.user_id == 0 {
            return Ok(id);
        }
        Err(format!("only root may give files to the group {name}"))
    }
}

/// `name:x:id:…` lines.
fn database(path: &str) -> HashMap<String, u32> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            let id = fields.nth(1)?.parse().ok()?;
            Some((name.to_string(), id))
        })
        .collect()
}
