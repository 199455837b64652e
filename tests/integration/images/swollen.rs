//! Compressed bytes that unpack to far more than there is memory for, made without ever having it.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// So much is compressed, and then repeated.
const PIECE: usize = 1 << 20;

/// A gzip member of some bytes, many bytes that are all the same, and some bytes more.
pub(crate) fn gzip(start: &[u8], byte: u8, count: usize, end: &[u8]) -> Vec<u8> {
    assert!(count.is_multiple_of(PIECE), "whole pieces");
    let piece = vec![byte; PIECE];
    let packed = deflated(&piece, FlushCompress::Full);
    // No name, no moment, an unknown system.
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    bytes.extend(deflated(start, FlushCompress::Full));
    let (mut sum, mut of_piece) = (Crc::new(), Crc::new());
    sum.update(start);
    of_piece.update(&piece);
    for _ in 0..count / PIECE {
        // After a full flush nothing refers to what was before.
        bytes.extend(&packed);
        sum.combine(&of_piece);
    }
    bytes.extend(deflated(end, FlushCompress::Finish));
    sum.update(end);
    bytes.extend(sum.sum().to_le_bytes());
    bytes.extend(sum.amount().to_le_bytes());
    bytes
}

/// The same in zstd, as a frame a piece.
pub(crate) fn zstd(start: &[u8], byte: u8, count: usize) -> Vec<u8> {
    let piece = zstd::encode_all(vec![byte; PIECE].as_slice(), 1).expect("compressed");
    [zstd::encode_all(start, 1).expect("compressed"), piece.repeat(count / PIECE)].concat()
}

fn deflated(bytes: &[u8], flush: FlushCompress) -> Vec<u8> {
    let mut compress = Compress::new(Compression::best(), false);
    let mut out = Vec::with_capacity(bytes.len() + 1024);
    let status = compress.compress_vec(bytes, &mut out, flush).expect("compressed");
    assert!(compress.total_in() == bytes.len() as u64 && status != Status::BufError, "it had room");
    out
}

#[test]
fn what_is_swollen_unpacks_to_what_was_said() {
    use std::io::Read;
    let expected = [&b"start"[..], &vec![7; 3 * PIECE], b"end"].concat();
    let mut found = Vec::new();
    flate2::read::GzDecoder::new(gzip(b"start", 7, 3 * PIECE, b"end").as_slice()).read_to_end(&mut found).expect("gzip");
    assert!(found == expected);
    let found = zstd::decode_all(zstd(b"start", 7, 3 * PIECE).as_slice()).expect("zstd");
    assert!(found == expected[..expected.len() - 3]);
}
