#pragma once

#include <napi.h>

#include "../vss/writer-plan.hpp"

namespace wsb::napi {

/// Reads a NativeWriterPlan of vss-writer.ts.
[[nodiscard]] vss::WriterPlan ReadWriterPlan(const Napi::Object& plan);

}  // namespace wsb::napi
