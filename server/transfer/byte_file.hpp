// ByteReader and ByteWriter: files from the beginning to the end, with or without gzip (RFC 1952; several members one after the other are one
// stream). Blocks of 64 KiB; the whole file is never in memory.
// Errors are sentences that name the file. InvalidArgument: it is not there, cannot be opened, or is damaged. Unavailable: reading or writing failed.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "parley/base/result.hpp"

namespace parley::transfer {

class ByteReader {
public:
    enum class Packing : std::uint8_t { Plain, Gzip, Guess };  // Guess: by the first two bytes. Not for BSON, which may begin with any

    // "-": standard input.
    static Result<std::unique_ptr<ByteReader>> open(const std::string& path, Packing packing);
    // For bytes that are in memory already.
    static std::unique_ptr<ByteReader> of_bytes(std::string bytes, Packing packing);
    ~ByteReader();
    ByteReader(const ByteReader&) = delete;
    ByteReader& operator=(const ByteReader&) = delete;

    // The next bytes, good until the next call; "" at the end. A gzip file that stops in the middle is damaged (InvalidArgument).
    Result<std::string_view> next();

    const std::string& path() const { return path_; }
    std::uint64_t size() const { return size_; }          // of the file, packed; 0 if unknown
    std::uint64_t position() const { return position_; }  // how much of it has been read

private:
    ByteReader(int file, std::string path, Packing packing);
    Result<std::string_view> next_raw();
    Result<std::string_view> next_unpacked();
    Result<bool> fill_input();
    std::unexpected<Error> damaged() const;

    const int file_;  // -1: memory_
    const std::string path_;
    Packing packing_;
    std::uint64_t size_ = 0;
    std::uint64_t position_ = 0;
    std::string memory_;
    std::string buffer_;    // as read
    std::string unpacked_;  // of gzip
    z_stream inflater_{};
    bool inflating_ = false;  // inflater_ is in use
    bool in_member_ = false;  // inside a gzip member
};

class ByteWriter {
public:
    // "-": standard output. A file that is there is replaced.
    static Result<std::unique_ptr<ByteWriter>> create(const std::string& path, bool gzip);
    // Not packed. Conflict: there is something of that name.
    static Result<std::unique_ptr<ByteWriter>> create_new(const std::string& path);
    ~ByteWriter();
    ByteWriter(const ByteWriter&) = delete;
    ByteWriter& operator=(const ByteWriter&) = delete;

    Result<bool> write(std::string_view bytes);
    // Ends the file and waits until the disk has it.
    Result<bool> finish();

private:
    ByteWriter(int file, std::string path, bool gzip);
    Result<bool> flush();
    Result<bool> deflate_buffer(int mode);
    Result<bool> write_raw(std::string_view bytes);

    const int file_;
    const std::string path_;
    const bool gzip_;
    std::string buffer_;
    std::string packed_;
    z_stream deflater_{};
};

// What the system said about a file, as an Error: no space left is named as such.
std::unexpected<Error> file_error(const std::string& path, int error);

// The names in a folder are durable afterwards.
void sync_folder(const std::string& path);

}  // namespace parley::transfer
