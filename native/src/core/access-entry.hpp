#pragma once

#include <cstdint>
#include <string>

namespace wsb {

enum class AccessKind { Allow, Deny };

/// An entry of a file's access control list.
struct AccessEntry {
    AccessKind kind;
    std::wstring sid;  // S-1-…
    uint32_t mask;     // as stored: generic rights are not mapped
    uint8_t flags;     // such as INHERIT_ONLY_ACE (winnt.h)
};

}  // namespace wsb
