//! Files on the default branch.

use super::World;

impl World {
    /// Writes a file on the default branch, without a commit or delivery.
    pub fn put_file(&mut self, repo: &str, path: &str, text: &str) {
        let id = self.id_of(repo);
        self.change_repo(id, |repo| {
            repo.files.insert(path.to_owned(), text.to_owned());
        });
    }

    /// Deletes a file.
    pub fn remove_file(&mut self, repo: &str, path: &str) {
        let id = self.id_of(repo);
        self.change_repo(id, |repo| {
            repo.files.remove(path);
        });
    }
}
