"""The shapes that go over the wire: what a request may say and what an answer promises."""
