//! Signature Version 4 on our own endpoint: who asks, by keys that the service issues itself.
