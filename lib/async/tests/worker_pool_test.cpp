#include "parley/async/worker_pool.hpp"

#include <gtest/gtest.h>

#include <future>

namespace parley {
namespace {

Task<void> run_job(WorkerPool* pool, std::shared_future<int> gate, std::promise<Result<int>>* out) {
    auto job = [gate] { return gate.get(); };
    out->set_value(co_await pool->run(std::move(job)));
}

TEST(WorkerPool, ResultComesBackAndAFullQueueIsUnavailable) {
    LoopGroup loops(1);
    WorkerPool pool("test", 1, 1);
    loops.start();
    std::promise<int> gate;
    const std::shared_future<int> opened = gate.get_future().share();
    std::promise<Result<int>> running, waiting, refused;

    loops[0].spawn(run_job(&pool, opened, &running));
    while (true) {  // until the worker has taken the first job, so that the second one is what waits
        std::promise<std::size_t> count;
        loops[0].post([&] { count.set_value(pool.waiting()); });
        static int rounds = 0;
        if (count.get_future().get() == 0 && ++rounds > 1) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    loops[0].spawn(run_job(&pool, opened, &waiting));
    loops[0].spawn(run_job(&pool, opened, &refused));

    const Result<int> answer = refused.get_future().get();
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::Unavailable);
    gate.set_value(42);
    EXPECT_EQ(running.get_future().get(), 42);
    EXPECT_EQ(waiting.get_future().get(), 42);
}

}  // namespace
}  // namespace parley
