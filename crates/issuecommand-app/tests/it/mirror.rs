//! The mirror follows GitHub's responses, and missing responses are no evidence.

mod altered;
mod budget;
mod candidates;
mod claiming;
mod closing;
mod dependencies;
mod doubt;
mod first_sync;
mod following;
mod full_sync;
mod half_characters;
mod lying;
mod moving;
mod open_pulls;
mod refused_lists;
mod repo_policies;
mod silence;
mod strangers;
mod unseen;
