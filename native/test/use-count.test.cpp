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

/// A host that records the requests to COM and the timer. The use count's own lock guards it.
class FakeHost final : public UseCount::Host {
  public:
    void AddProcessReference() noexcept override { ++m_references; }
    void ReleaseProcessReference() noexcept override { --m_references; }
    void SetTimer(milliseconds delay) noexcept override { m_timer = delay; }

    [[nodiscard]] int References() const { return m_references; }

    /// Takes the delay of the timer; nothing when it was not set since the last call.
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
    TEST_CASE("waits for the first use for the given time, or for the linger time if longer") {
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

    TEST_CASE("continues when a use began before the timer fired") {
        Bed bed;
        bed.uses.Arm(milliseconds{0});
        REQUIRE(bed.uses.TryEnter());
        CHECK_FALSE(bed.uses.GiveUpIfIdle());
        CHECK(bed.uses.TryEnter());
    }

    TEST_CASE("gives up once when it is idle, and refuses later uses") {
        Bed bed;
        CHECK(bed.uses.GiveUpIfIdle());
        CHECK(bed.host.References() == 0);
        CHECK_FALSE(bed.uses.TryEnter());
        CHECK_FALSE(bed.uses.GiveUpIfIdle());
        bed.uses.Stop();
        CHECK(bed.host.References() == 0);
    }

    TEST_CASE("is never idle after it was stopped, and still ends the remaining uses") {
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

    TEST_CASE("never gives up during a use") {
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
