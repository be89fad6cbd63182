//! A ZIP archive of stored (not compressed) files, for Mirakl's download of several documents.

use bytes::Bytes;

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

fn size(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Fields that the local and the central header share, from "version needed" on.
fn shared(name: &str, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for half in [20_u16, 1 << 11, 0, 0, 0x21] {
        out.extend(half.to_le_bytes());
    }
    for word in [crc32(body), size(body.len()), size(body.len())] {
        out.extend(word.to_le_bytes());
    }
    out.extend(u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend(0_u16.to_le_bytes());
    out
}

pub(crate) fn archive(files: &[(String, Bytes)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut directory = Vec::new();
    for (name, body) in files {
        let offset = size(out.len());
        let shared = shared(name, body);
        out.extend(b"PK\x03\x04");
        out.extend(&shared);
        out.extend(name.as_bytes());
        out.extend(body.as_ref());
        directory.extend(b"PK\x01\x02");
        directory.extend(20_u16.to_le_bytes());
        directory.extend(&shared);
        directory.extend([0_u8; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = size(out.len());
    let count = u16::try_from(files.len()).unwrap_or(u16::MAX);
    out.extend(&directory);
    out.extend(b"PK\x05\x06");
    out.extend([0_u8; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(size(directory.len()).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0_u8; 2]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_published_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn an_archive_ends_with_its_directory() {
        let archive = archive(&[("a.pdf".to_owned(), Bytes::from_static(b"A")), ("b.pdf".to_owned(), Bytes::new())]);
        let end = archive.len() - 22;
        assert_eq!(&archive[end..end + 4], b"PK\x05\x06");
        assert_eq!(archive[end + 10], 2);
        let start = u32::from_le_bytes(archive[end + 16..end + 20].try_into().unwrap()) as usize;
        assert_eq!(&archive[start..start + 4], b"PK\x01\x02");
    }
}
