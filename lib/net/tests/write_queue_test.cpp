#include "write_queue.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <array>
#include <string>
#include <thread>

namespace parley::net {
namespace {

// Takes up to `count` bytes the way a socket does.
std::string take(WriteQueue& queue, std::size_t count) {
    std::array<iovec, 4> room;
    std::string taken;
    for (const iovec& piece : queue.gather(room)) {
        taken.append(static_cast<const char*>(piece.iov_base), std::min(piece.iov_len, count - taken.size()));
    }
    queue.consume(taken.size());
    return taken;
}

TEST(WriteQueue, BytesComeOutInOrderWhateverTheSocketTakes) {
    for (const std::size_t step : {1u, 2u, 7u, 1000u, 100'000u}) {
        WriteQueue queue;
        std::string expected;
        for (int i = 0; i < 30; ++i) {
            const std::string piece(static_cast<std::size_t>(i) * 97, static_cast<char>('a' + i % 26));
            i % 5 == 0 ? queue.append_shared(share(piece)) : queue.append(piece);
            expected += piece;
        }
        EXPECT_EQ(queue.bytes(), expected.size());
        std::string written;
        while (!queue.empty()) written += take(queue, step);
        EXPECT_EQ(written, expected) << step;
    }
}

TEST(WriteQueue, SmallPiecesLieSideBySide) {
    WriteQueue queue;
    for (int i = 0; i < 100; ++i) queue.append("small");
    std::array<iovec, 4> room;
    EXPECT_LE(queue.gather(room).size(), 2u);
}

TEST(WriteQueue, SharedBytesAreNotCopiedAndAreLetGoWhenWritten) {
    const SharedBytes bytes = share(std::string(5000, 'x'));
    WriteQueue queue;
    queue.append("before");
    queue.append_shared(bytes);
    queue.append("after");
    std::array<iovec, 4> room;
    const auto pieces = queue.gather(room);
    ASSERT_EQ(pieces.size(), 3u);
    EXPECT_EQ(pieces[1].iov_base, bytes->data());
    queue.consume(6 + 4999);
    EXPECT_EQ(bytes.use_count(), 2);
    queue.consume(1);
    EXPECT_EQ(bytes.use_count(), 1);
    EXPECT_EQ(take(queue, 100), "after");
}

TEST(WriteQueue, WhatIsSharedByManyIsWrittenFromOnePlace) {
    const SharedBytes frame = share("a frame of a broadcast");
    std::array<WriteQueue, 300> queues;  // more than there are spare chunks
    for (WriteQueue& queue : queues) queue.append_shared(frame);
    EXPECT_EQ(frame.use_count(), 301);
    for (WriteQueue& queue : queues) {
        std::array<iovec, 4> room;
        const auto pieces = queue.gather(room);
        ASSERT_EQ(pieces.size(), 1u);
        EXPECT_EQ(pieces[0].iov_base, frame->data());
        EXPECT_EQ(take(queue, 2), "a ");
        EXPECT_EQ(queue.gather(room)[0].iov_base, frame->data() + 2);
        EXPECT_EQ(take(queue, 100), "frame of a broadcast");
        EXPECT_TRUE(queue.empty());
    }
    EXPECT_EQ(frame.use_count(), 1);
}

#ifdef __GLIBC__
TEST(WriteQueue, WhatIsSharedByManyCostsNoMemory) {
    const SharedBytes frame = share("a frame of a broadcast");
    std::array<WriteQueue, 300> queues;
    const auto before = ::mallinfo2().uordblks;
    for (WriteQueue& queue : queues) queue.append_shared(frame);
    EXPECT_EQ(::mallinfo2().uordblks, before);
}
#endif

TEST(WriteQueue, WhatFollowsSharedBytesComesAfterThem) {
    for (const std::size_t size : {1u, 500u, 2048u, 2049u, 50'000u}) {
        for (const std::size_t written : {std::size_t{0}, std::size_t{1}, size - 1, size}) {
            for (const bool shared : {false, true}) {
                WriteQueue queue;
                const SharedBytes first = share(std::string(size, 'f'));
                queue.append_shared(first);
                EXPECT_EQ(take(queue, written), std::string(written, 'f'));
                EXPECT_EQ(queue.bytes(), size - written);
                shared ? queue.append_shared(share("next")) : queue.append("next");
                queue.append(", last");
                EXPECT_EQ(queue.bytes(), size - written + 10);
                EXPECT_EQ(take(queue, 100'000), std::string(size - written, 'f') + "next, last");
                EXPECT_TRUE(queue.empty());
                EXPECT_EQ(first.use_count(), 1);
            }
        }
    }
}

TEST(WriteQueue, BroadcastsOfOneTurnAreOnePiece) {
    WriteQueue queue;
    for (int i = 0; i < 3; ++i) queue.append_shared(share(""));
    EXPECT_TRUE(queue.empty());
    queue.append_shared(share("one, "));
    queue.append("two, ");
    queue.append("three");
    std::array<iovec, 4> room;
    EXPECT_EQ(queue.gather(room).size(), 1u);
    EXPECT_EQ(take(queue, 100), "one, two, three");
}

TEST(WriteQueue, SharedBytesAreLetGoWhenTheQueueIsClearedOrGone) {
    const SharedBytes frame = share("a frame of a broadcast");
    {
        WriteQueue gone;
        gone.append_shared(frame);
    }
    WriteQueue queue;
    queue.append_shared(frame);
    EXPECT_EQ(take(queue, 5), "a fra");
    queue.clear();
    EXPECT_EQ(queue.bytes(), 0u);
    EXPECT_EQ(frame.use_count(), 1);
    queue.append("new");
    EXPECT_EQ(take(queue, 100), "new");
    queue.append_shared(frame);
    EXPECT_EQ(take(queue, 100), *frame);
}

TEST(WriteQueue, WrittenChunksServeTheNextQueueUnmixed) {
    for (int round = 0; round < 3; ++round) {
        std::array<WriteQueue, 300> queues;  // more than are kept for the next round
        for (std::size_t i = 0; i < queues.size(); ++i) {
            for (int piece = 0; piece < 20; ++piece) queues[i].append(std::to_string(i) + ":" + std::string(40, 'x'));
        }
        for (std::size_t i = 0; i < queues.size(); ++i) {
            const std::string one = std::to_string(i) + ":" + std::string(40, 'x');
            std::string expected;
            for (int piece = 0; piece < 20; ++piece) expected += one;
            EXPECT_EQ(take(queues[i], 10'000), expected);
            EXPECT_TRUE(queues[i].empty());
        }
    }
}

TEST(WriteQueue, AQueueMayOutliveTheThreadThatFilledIt) {
    WriteQueue queue;
    std::thread([&queue] { queue.append("from elsewhere"); }).join();
    EXPECT_EQ(take(queue, 100), "from elsewhere");
}

TEST(WriteQueue, ALongQueueIsClearedWithoutRecursion) {
    WriteQueue queue;
    const SharedBytes bytes = share("x");
    for (int i = 0; i < 300'000; ++i) queue.append_shared(bytes);
    queue.clear();
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(bytes.use_count(), 1);
}

}  // namespace
}  // namespace parley::net
