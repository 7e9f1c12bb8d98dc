#pragma once

#include <string>

#include "plain-journal.hpp"
#include "vss/vss-abi.hpp"

namespace wsb::bench {

/// The peer writer of the bench, only in C++: it does nothing in a backup but keep a journal of its
/// freezes, as bench/writer.ts does through the kit. It has no guardian and no time limits.
class PlainWriter final : public vss::Writer {
  public:
    explicit PlainWriter(std::wstring journal);
    PlainWriter(const PlainWriter&) = delete;
    PlainWriter& operator=(const PlainWriter&) = delete;
    ~PlainWriter() = default;

  private:
    struct Calls;  // the functions of the table

    bool Keep(void (*step)(PlainJournal& journal)) noexcept;

    PlainJournal m_journal;
};

}  // namespace wsb::bench
