//! Finding the recordings in what a user names.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;

/// The recordings among files and folders, in the order given; a folder's in the order of their
/// names, those of its own folders included. SigMF pairs in folders are named by their metadata
/// file; files are taken as they are.
///
/// # Errors
/// If a path does not exist, or a folder holds no recording.
pub fn discover(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = found.len();
            walk(path, &mut found)?;
            if found.len() == before {
                return Err(Error::NoRecordings(path.clone()));
            }
        } else if path.exists() || crate::sigmf::pair(path).0.exists() {
            found.push(path.clone());
        } else {
            return Err(Error::NotFound(path.clone()));
        }
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let entries: Result<Vec<_>, _> = fs::read_dir(folder).map_err(Error::io(folder))?.collect();
    let mut paths: Vec<_> =
        entries.map_err(Error::io(folder))?.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        // Links are not followed into folders, for they may lead back here.
        if path.is_dir() && !path.is_symlink() {
            walk(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "sigmf-meta") {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_expanded_in_the_order_of_names() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("b")).unwrap();
        for name in ["c.sigmf-meta", "b/d.sigmf-meta", "a.sigmf-meta", "a.sigmf-data", "x.txt"] {
            fs::write(at(name), "").unwrap();
        }
        let found = discover(&[folder.path().to_owned()]).unwrap();
        assert_eq!(found, ["a.sigmf-meta", "b/d.sigmf-meta", "c.sigmf-meta"].map(at));
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let empty = discover(&[folder.path().to_owned()]).unwrap_err();
        assert!(matches!(empty, Error::NoRecordings(_)));
        let missing = discover(&[folder.path().join("nothing")]).unwrap_err();
        assert!(matches!(missing, Error::NotFound(_)));
    }
}
