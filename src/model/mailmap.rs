//! Which names and addresses belong to one person, as a `.mailmap` says it (gitmailmap(5)).

use super::commit::Identity;
use std::collections::HashMap;

/// What a `.mailmap` says. Addresses and names are compared without regard to small and capital letters.
#[derive(Debug, Default)]
pub struct Mailmap {
    /// By the address of a commit, in small letters, and the name where the entry is of that name alone.
    entries: HashMap<(String, Option<String>), Proper>,
}

#[derive(Debug, Default, Clone)]
struct Proper {
    name: Option<String>,
    email: Option<String>,
}

impl Mailmap {
    /// Adds `Proper Name <proper@address> Commit Name <commit@address>`; a later entry replaces what it says anew.
    pub fn add(&mut self, proper_name: Option<&str>, proper_email: Option<&str>, name: Option<&str>, email: &str) {
        let entry = self.entries.entry((email.to_lowercase(), name.map(str::to_lowercase))).or_default();
        entry.name = proper_name.map(str::to_owned).or(entry.name.take());
        entry.email = proper_email.map(str::to_owned).or(entry.email.take());
    }

    /// The identity that this one stands for; itself where the file does not say otherwise.
    pub fn canonical(&self, who: &Identity) -> Identity {
        let (email, name) = (who.email.to_lowercase(), who.name.to_lowercase());
        let of_both = self.entries.get(&(email.clone(), Some(name)));
        match of_both.or_else(|| self.entries.get(&(email, None))) {
            None => who.clone(),
            Some(proper) => Identity {
                name: proper.name.clone().unwrap_or_else(|| who.name.clone()),
                email: proper.email.clone().unwrap_or_else(|| who.email.clone()),
            },
        }
    }
}
