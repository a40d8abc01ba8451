#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "app/settings.hpp"

namespace parley::app {
namespace {

TEST(SettingsPage, IsWhatTheProgramWrites) {
    std::ifstream file(PARLEY_SETTINGS_PAGE);
    const std::string page(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(page, settings_markdown()) << "write it anew: parley settings-table > docs/settings.md";
}

}  // namespace
}  // namespace parley::app
