#include "src/core/use-count.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include "seed.hpp"

namespace wsb::test {
namespace {

using std::chrono::milliseconds;

/// Keeps what COM and the timer would be asked for. The use count's own lock guards it.
class FakeHost final : public UseCount::Host {
  public:
    void AddProcessReference() noexcept override { ++m_references; }
    void ReleaseProcessReference() noexcept override { --m_references; }
    void SetTimer(milliseconds delay) noexcept override { m_timer = delay; }

    [[nodiscard]] int References() const { return m_references; }

    /// What the timer was set to since it was asked for last.
    std::optional<milliseconds> TakeTimer() {
        const std::optional<milliseconds> timer = m_timer;
        m_timer = std::nullopt;
        return timer;
    }

  private:
    int m_references = 1;
    std::optional<milliseconds> m_timer;
};

struct Bed {
    FakeHost host;
    UseCount uses{milliseconds{200}, host};
};

}  // namespace

TEST_SUITE("UseCount") {
    TEST_CASE("waits for the first use as long as it is told, or for the linger time if longer") {
        Bed bed;
        bed.uses.Arm(milliseconds{60'000});
        CHECK(bed.host.TakeTimer() == milliseconds{60'000});
        bed.uses.Arm(milliseconds{100});
        CHECK(bed.host.TakeTimer() == milliseconds{200});
    }

    TEST_CASE("lingers after the last use, and not before") {
        Bed bed;
        REQUIRE(bed.uses.TryEnter());
        REQUIRE(bed.uses.TryEnter());
        CHECK(bed.host.References() == 3);
        bed.uses.Arm(milliseconds{60'000});
        bed.uses.Leave();
        CHECK_FALSE(bed.host.TakeTimer());
        bed.uses.Leave();
        CHECK(bed.host.TakeTimer() == milliseconds{200});
        CHECK(bed.host.References() == 1);
    }

    TEST_CASE("goes on when a use came before the timer") {
        Bed bed;
        bed.uses.Arm(milliseconds{0});
        REQUIRE(bed.uses.TryEnter());
        CHECK_FALSE(bed.uses.GiveUpIfIdle());
        CHECK(bed.uses.TryEnter());
    }

    TEST_CASE("gives up once when it is idle, and lets nothing in then") {
        Bed bed;
        CHECK(bed.uses.GiveUpIfIdle());
        CHECK(bed.host.References() == 0);
        CHECK_FALSE(bed.uses.TryEnter());
        CHECK_FALSE(bed.uses.GiveUpIfIdle());
        bed.uses.Stop();
        CHECK(bed.host.References() == 0);
    }

    TEST_CASE("is never idle once it was stopped, and takes the uses back that are left") {
        Bed bed;
        REQUIRE(bed.uses.TryEnter());
        bed.uses.Stop();
        CHECK_FALSE(bed.uses.TryEnter());
        CHECK(bed.host.References() == 1);
        bed.uses.Leave();
        CHECK(bed.host.References() == 0);
        CHECK_FALSE(bed.host.TakeTimer());
        CHECK_FALSE(bed.uses.GiveUpIfIdle());
        bed.uses.Stop();
        CHECK(bed.host.References() == 0);
    }

    TEST_CASE("gives up in no use's time, however uses come and go") {
        for (uint32_t round = 0; round < 300; ++round) {
            CAPTURE(round);
            Bed bed;
            std::atomic<int> inside = 0;
            std::atomic<int> intrusions = 0;
            bool hasGivenUp = false;
            {
                std::vector<std::jthread> users;
                for (uint32_t user = 0; user < 4; ++user) {
                    users.emplace_back([&, user] {
                        Random random{(uint64_t{round} << 32) + user};
                        for (int visit = 0; visit < 20 && bed.uses.TryEnter(); ++visit) {
                            ++inside;
                            if (random.OneIn(3)) {
                                std::this_thread::yield();
                            }
                            --inside;
                            bed.uses.Leave();
                        }
                    });
                }
                for (int tick = 0; tick < 50 && !hasGivenUp; ++tick) {
                    hasGivenUp = bed.uses.GiveUpIfIdle();
                    intrusions += hasGivenUp ? inside.load() : 0;
                    std::this_thread::yield();
                }
            }
            CHECK(intrusions == 0);
            CHECK(bed.host.References() == (hasGivenUp ? 0 : 1));
            CHECK(bed.uses.TryEnter() == !hasGivenUp);
        }
    }
}

}  // namespace wsb::test
