//! A reader of the event stream.

use issuecommand_testkit::http::{EventStream, ServerEvent};

use super::http::Http;

pub(crate) struct Stream(EventStream);

impl Stream {
    /// Opens a stream, after this event.
    pub(crate) async fn open(http: &Http, last: Option<&str>) -> Self {
        let key = Some(("Authorization", "Bearer key"));
        let resume = last.map(|id| ("Last-Event-ID", id));
        let headers: Vec<_> = key.into_iter().chain(resume).collect();
        let stream = EventStream::open(http.address(), "/sse", &headers).await;
        assert!(stream.head.contains("200"), "{}", stream.head);
        Self(stream)
    }

    /// The next event that is not a ping.
    pub(crate) async fn next(&mut self) -> ServerEvent {
        self.0.event().await
    }
}
