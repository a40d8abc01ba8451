// The contract of chat::UserStore as tests; see store_contract.hpp for how a storage runs them.
#pragma once

#include <algorithm>

#include "storage/contract/store_contract.hpp"

namespace parley::storage::contract {

template <class Backend>
class UserStoreContract : public StoreContract<Backend> {
protected:
    std::vector<Result<chat::User>> create_all(std::vector<chat::NewUser> wanted) {
        std::vector<Task<Result<chat::User>>> tasks;
        for (auto& user : wanted) tasks.push_back(this->users().create(std::move(user)));
        return this->runner_.run_all(std::move(tasks));
    }

    std::string version() { return this->runner_.run(this->users().directory_version()).value(); }

    std::vector<std::string> usernames(chat::DirectoryQuery query) {
        std::vector<std::string> names;
        const auto page = this->runner_.run(this->users().list(std::move(query)));
        EXPECT_TRUE(page.has_value());
        if (!page) return names;
        for (const auto& user : page->users) names.push_back(user.username);
        return names;
    }

    // Everybody `query` finds, page by page, no page being longer than the query's limit.
    std::vector<std::string> usernames_by_pages(chat::DirectoryQuery query) {
        std::vector<std::string> names;
        for (;;) {
            const auto page = this->runner_.run(this->users().list(query));
            EXPECT_TRUE(page.has_value());
            if (!page) return names;
            EXPECT_LE(page->users.size(), query.limit);
            for (const auto& user : page->users) names.push_back(user.username);
            if (!page->next) return names;
            query.after = *page->next;
        }
    }

    void expect_same(const chat::User& user, const chat::NewUser& given) {
        EXPECT_EQ(user.id, given.id);
        EXPECT_EQ(user.full_name, given.full_name);
        EXPECT_EQ(user.username, given.username);
        EXPECT_EQ(user.password_hash, given.password_hash);
        EXPECT_EQ(user.gender, given.gender);
        EXPECT_EQ(user.profile_picture, given.profile_picture);
        EXPECT_EQ(user.created_at, this->clock_.now());
        EXPECT_EQ(user.updated_at, this->clock_.now());
    }

    static std::ptrdiff_t count_successes(const std::vector<Result<chat::User>>& results) {
        return std::count_if(results.begin(), results.end(), [](const auto& result) { return result.has_value(); });
    }
};

TYPED_TEST_SUITE_P(UserStoreContract);

TYPED_TEST_P(UserStoreContract, WhatWasCreatedIsFoundByIdNameAndKey) {
    auto given = this->named("Alice");
    given.full_name = std::string("  A\0lice 😀\n", 14);
    given.gender = chat::Gender::Male;
    const auto created = this->runner_.run(this->users().create(given));
    ASSERT_TRUE(created.has_value());
    this->expect_same(*created, given);

    const auto by_id = this->runner_.run(this->users().find(given.id));
    const auto by_name = this->runner_.run(this->users().find_by_username("Alice"));
    const auto by_key = this->runner_.run(this->users().find_by_username_key("alice"));
    for (const auto* found : {&by_id, &by_name, &by_key}) {
        ASSERT_TRUE(found->has_value() && (*found)->has_value());
        this->expect_same(***found, given);
    }
}

TYPED_TEST_P(UserStoreContract, WhatDoesNotExistIsAbsentAndNoError) {
    this->sign_up("alice");
    EXPECT_EQ(this->runner_.run(this->users().find(chat::UserId::generate())).value().has_value(), false);
    EXPECT_EQ(this->runner_.run(this->users().find_by_username("bob")).value().has_value(), false);
    EXPECT_EQ(this->runner_.run(this->users().find_by_username_key("bob")).value().has_value(), false);
}

TYPED_TEST_P(UserStoreContract, NamesAreComparedByteForByte) {
    this->sign_up("Alice");
    for (const auto& other :
         {std::string("alice"), std::string("Alice "), std::string("Alice\0", 6), std::string("Alice\0x", 7), std::string()}) {
        EXPECT_EQ(this->runner_.run(this->users().find_by_username(other)).value().has_value(), false) << other;
    }
}

TYPED_TEST_P(UserStoreContract, ATakenNameOrKeyIsRefusedAndChangesNothing) {
    this->sign_up("Alice");
    const auto before = this->version();
    EXPECT_EQ(code_of(this->runner_.run(this->users().create(this->named("Alice")))), ErrorCode::AlreadyExists);
    EXPECT_EQ(code_of(this->runner_.run(this->users().create(this->named("aLICE ")))), ErrorCode::AlreadyExists);
    auto same_name = this->named("Alice");
    same_name.username_key = "another key";
    EXPECT_EQ(code_of(this->runner_.run(this->users().create(same_name))), ErrorCode::AlreadyExists);
    EXPECT_EQ(this->usernames({}), std::vector<std::string>{"Alice"});
    EXPECT_EQ(this->version(), before);
}

TYPED_TEST_P(UserStoreContract, OfConcurrentSignUpsWithOneNameExactlyOneWins) {
    std::vector<chat::NewUser> wanted(32, this->named("twin"));
    for (auto& user : wanted) user.id = chat::UserId::generate();
    const auto results = this->create_all(wanted);
    ASSERT_EQ(this->count_successes(results), 1);
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!results[i]) EXPECT_EQ(results[i].error().code, ErrorCode::AlreadyExists);
        EXPECT_EQ(this->runner_.run(this->users().find(wanted[i].id)).value().has_value(), results[i].has_value());
    }
}

TYPED_TEST_P(UserStoreContract, OfConcurrentSignUpsWithOneKeyExactlyOneWins) {
    std::vector<chat::NewUser> wanted;
    for (int i = 0; i < 32; ++i) wanted.push_back(this->named(std::string(static_cast<std::size_t>(i), ' ') + "Twin"));
    EXPECT_EQ(this->count_successes(this->create_all(wanted)), 1);
    EXPECT_EQ(this->usernames({}).size(), 1u);
}

TYPED_TEST_P(UserStoreContract, ConcurrentSignUpsWithDifferentNamesAllSucceed) {
    std::vector<chat::NewUser> wanted;
    for (int i = 0; i < 32; ++i) wanted.push_back(this->named("user" + std::to_string(i)));
    EXPECT_EQ(this->count_successes(this->create_all(wanted)), 32);
    EXPECT_EQ(this->usernames({}).size(), 32u);
}

TYPED_TEST_P(UserStoreContract, TheDirectoryIsInTheOrderPeopleSignedUpAndHoldsNoHashes) {
    const std::vector<std::string> order{"zoe", "adam", "mia", "kim"};
    for (const auto& name : order) {
        this->sign_up(name);
        this->clock_.move(std::chrono::milliseconds(-5));
    }
    EXPECT_EQ(this->usernames({}), order);
    const auto page = this->runner_.run(this->users().list({}));
    ASSERT_TRUE(page.has_value());
    EXPECT_FALSE(page->next.has_value());
    for (const auto& user : page->users) EXPECT_EQ(user.password_hash, "");
}

TYPED_TEST_P(UserStoreContract, PagesTogetherAreTheWholeDirectory) {
    std::vector<std::string> order;
    for (int i = 0; i < 10; ++i) {
        order.push_back("user" + std::to_string(i));
        this->sign_up(order.back());
    }
    for (const std::size_t limit : {1u, 3u, 5u, 9u, 10u, 11u}) {
        EXPECT_EQ(this->usernames_by_pages({.limit = limit}), order) << limit;
    }
}

TYPED_TEST_P(UserStoreContract, ACursorOutlivesItsUserAndSeesNewcomers) {
    const auto first = this->sign_up("first");
    this->sign_up("second");
    const auto page = this->runner_.run(this->users().list({.limit = 1}));
    ASSERT_TRUE(page.has_value() && page->next.has_value());
    ASSERT_TRUE(this->runner_.run(this->users().remove(first)).has_value());
    this->sign_up("third");
    EXPECT_EQ(this->usernames({.limit = 10, .after = *page->next}), (std::vector<std::string>{"second", "third"}));
}

TYPED_TEST_P(UserStoreContract, ACursorThatIsNoneIsRefused) {
    this->sign_up("alice");
    for (const auto& cursor :
         {std::string("x"), std::string("-1"), std::string("1 OR 1"), std::string(100'000, '9'), std::string("\0", 1)}) {
        EXPECT_EQ(code_of(this->runner_.run(this->users().list({.limit = 10, .after = cursor}))), ErrorCode::InvalidArgument);
    }
}

TYPED_TEST_P(UserStoreContract, TextIsSearchedInBothNamesWithoutLetterCase) {
    auto zhanna = this->named("joan");
    zhanna.full_name = "Жанна Д’Арк";
    auto percent = this->named("100%_sure");
    percent.full_name = "Percy [x]";
    auto street = this->named("Straße");
    street.full_name = "Someone";
    for (const auto& result : this->create_all({zhanna, percent, street})) ASSERT_TRUE(result.has_value());

    using Names = std::vector<std::string>;
    const auto found = [this](const std::string& text) { return this->usernames({.limit = 10, .text = text}); };
    EXPECT_EQ(found("JOAN"), Names{"joan"});
    EXPECT_EQ(found("оАН"), Names{});
    EXPECT_EQ(found("жАННа"), Names{"joan"});
    EXPECT_EQ(found("STRASSE"), Names{"Straße"});
    EXPECT_EQ(found("%"), Names{"100%_sure"});
    EXPECT_EQ(found("_"), Names{"100%_sure"});
    EXPECT_EQ(found("[X]"), Names{"100%_sure"});
    EXPECT_EQ(found("*"), Names{});
    EXPECT_EQ(found("\\"), Names{});
    EXPECT_EQ(found("nobody"), Names{});
}

TYPED_TEST_P(UserStoreContract, SearchIsPagedToo) {
    for (int i = 0; i < 9; ++i) this->sign_up((i % 2 == 0 ? "even" : "odd") + std::to_string(i));
    EXPECT_EQ(this->usernames_by_pages({.limit = 2, .text = "EVEN"}),
              (std::vector<std::string>{"even0", "even2", "even4", "even6", "even8"}));
}

TYPED_TEST_P(UserStoreContract, TheDirectoryVersionChangesWithTheDirectoryAndOnlyThen) {
    const auto empty = this->version();
    const auto alice = this->sign_up("alice");
    const auto one = this->version();
    const auto bob = this->sign_up("bob");
    const auto two = this->version();
    this->runner_.run(this->users().list({}));
    ASSERT_TRUE(this->runner_.run(this->messages().append({alice, bob, "hello"})).has_value());
    EXPECT_EQ(this->version(), two);
    ASSERT_TRUE(this->runner_.run(this->users().remove(bob)).has_value());
    const auto removed = this->version();
    const std::vector<std::string> all{empty, one, two, removed};
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = i + 1; j < all.size(); ++j) EXPECT_NE(all[i], all[j]) << i << " " << j;
    }
}

TYPED_TEST_P(UserStoreContract, ARemovedUserIsGoneAndTheNameIsFree) {
    const auto alice = this->sign_up("alice");
    ASSERT_TRUE(this->runner_.run(this->users().remove(alice)).has_value());
    EXPECT_EQ(code_of(this->runner_.run(this->users().remove(alice))), ErrorCode::NotFound);
    EXPECT_EQ(this->runner_.run(this->users().find(alice)).value().has_value(), false);
    EXPECT_EQ(this->runner_.run(this->users().find_by_username("alice")).value().has_value(), false);
    EXPECT_EQ(this->usernames({}), std::vector<std::string>{});
    const auto again = this->sign_up("alice");
    EXPECT_NE(again, alice);
}

TYPED_TEST_P(UserStoreContract, EverythingIsThereAfterReopening) {
    PARLEY_DURABLE_ONLY(TypeParam);
    const auto removed = this->sign_up("removed");
    const auto given = this->named("alice");
    ASSERT_TRUE(this->runner_.run(this->users().create(given)).has_value());
    this->sign_up("bob");
    ASSERT_TRUE(this->runner_.run(this->users().remove(removed)).has_value());
    const auto before = this->version();
    const auto page = this->runner_.run(this->users().list({.limit = 1}));
    ASSERT_TRUE(page.has_value() && page->next.has_value());
    this->reopen();

    EXPECT_EQ(this->version(), before);
    EXPECT_EQ(this->usernames({}), (std::vector<std::string>{"alice", "bob"}));
    EXPECT_EQ(this->usernames({.limit = 10, .after = *page->next}), std::vector<std::string>{"bob"});
    const auto found = this->runner_.run(this->users().find_by_username("alice"));
    ASSERT_TRUE(found.has_value() && found->has_value());
    this->expect_same(**found, given);
    EXPECT_EQ(code_of(this->runner_.run(this->users().create(this->named("ALICE")))), ErrorCode::AlreadyExists);
    this->sign_up("carol");
    EXPECT_EQ(this->usernames({}), (std::vector<std::string>{"alice", "bob", "carol"}));
}

REGISTER_TYPED_TEST_SUITE_P(UserStoreContract, WhatWasCreatedIsFoundByIdNameAndKey, WhatDoesNotExistIsAbsentAndNoError,
                            NamesAreComparedByteForByte, ATakenNameOrKeyIsRefusedAndChangesNothing,
                            OfConcurrentSignUpsWithOneNameExactlyOneWins, OfConcurrentSignUpsWithOneKeyExactlyOneWins,
                            ConcurrentSignUpsWithDifferentNamesAllSucceed, TheDirectoryIsInTheOrderPeopleSignedUpAndHoldsNoHashes,
                            PagesTogetherAreTheWholeDirectory, ACursorOutlivesItsUserAndSeesNewcomers, ACursorThatIsNoneIsRefused,
                            TextIsSearchedInBothNamesWithoutLetterCase, SearchIsPagedToo,
                            TheDirectoryVersionChangesWithTheDirectoryAndOnlyThen, ARemovedUserIsGoneAndTheNameIsFree,
                            EverythingIsThereAfterReopening);

}  // namespace parley::storage::contract
