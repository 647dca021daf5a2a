//! Which bucket a host name means: the SDKs put it in front (`bucket.s3.eu-west-1.amazonaws.com`).

use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};

/// Knows the endpoints of AWS; any other host is used with the bucket in the path.
pub(crate) struct AwsHost;

impl S3Host for AwsHost {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let host_name = host.rsplit_once(':').map_or(host, |(name, _port)| name);
        Ok(match bucket(host_name) {
            Some(bucket) => VirtualHost::new(host_name).with_bucket(bucket),
            None => VirtualHost::new(host_name),
        })
    }
}

fn bucket(host: &str) -> Option<&str> {
    let endpoint = host.strip_suffix(".amazonaws.com").or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    // A bucket's name may hold dots, and `.s3.` too: the last one belongs to the endpoint.
    let at = [".s3.", ".s3-"].iter().filter_map(|mark| endpoint.rfind(mark)).max();
    let end = at.or_else(|| endpoint.strip_suffix(".s3").map(str::len))?;
    Some(&endpoint[..end])
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_bucket_stands_before_the_endpoint() {
        let cases = [
            ("data.s3.eu-west-1.amazonaws.com", Some("data")),
            ("my.data.s3.us-east-1.amazonaws.com", Some("my.data")),
            ("data.s3.amazonaws.com", Some("data")),
            ("data.s3.cn-north-1.amazonaws.com.cn", Some("data")),
            ("s3.eu-west-1.amazonaws.com", None),
            ("s3.amazonaws.com", None),
            ("localhost", None),
        ];
        for (host, bucket) in cases {
            assert_eq!(super::bucket(host), bucket, "{host}");
        }
    }
}
