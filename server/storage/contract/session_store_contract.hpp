// The contract of chat::SessionStore as tests; see store_contract.hpp for how a storage runs them.
#pragma once

#include "storage/contract/store_contract.hpp"

namespace parley::storage::contract {

template <class Backend>
class SessionStoreContract : public StoreContract<Backend> {
protected:
    Result<bool> revoke(std::string session) {
        return this->runner_.run(this->sessions().revoke(std::move(session), this->clock_.now() + std::chrono::days(15)));
    }
    bool revoked(std::string session) { return this->runner_.run(this->sessions().is_revoked(std::move(session))).value(); }

    void remember(chat::UserId user, std::string address) {
        EXPECT_TRUE(this->runner_.run(this->sessions().remember_address(user, std::move(address))).has_value());
    }
    bool knows(chat::UserId user, std::string address) {
        return this->runner_.run(this->sessions().knows_address(user, std::move(address))).value();
    }
    static std::string address(int number) { return "192.0.2." + std::to_string(number); }
};

TYPED_TEST_SUITE_P(SessionStoreContract);

TYPED_TEST_P(SessionStoreContract, OnlyWhatWasRevokedIsRevoked) {
    EXPECT_FALSE(this->revoked("session-1"));
    EXPECT_TRUE(this->revoke("session-1").has_value());
    EXPECT_TRUE(this->revoked("session-1"));
    EXPECT_FALSE(this->revoked("session-10"));
    EXPECT_FALSE(this->revoked("SESSION-1"));
    EXPECT_FALSE(this->revoked(""));
}

TYPED_TEST_P(SessionStoreContract, RevokingTwiceIsRevokingOnce) {
    EXPECT_TRUE(this->revoke("session").has_value());
    EXPECT_TRUE(this->revoke("session").has_value());
    EXPECT_TRUE(this->revoked("session"));
}

TYPED_TEST_P(SessionStoreContract, ARevocationHoldsUntilItsTokenExpires) {
    ASSERT_TRUE(this->revoke("session").has_value());
    this->clock_.move(std::chrono::days(15) - std::chrono::seconds(1));
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(this->revoke("other" + std::to_string(i)).has_value());
    EXPECT_TRUE(this->revoked("session"));
}

TYPED_TEST_P(SessionStoreContract, ConcurrentRevocationsAllHold) {
    std::vector<Task<Result<bool>>> tasks;
    for (int i = 0; i < 32; ++i) {
        tasks.push_back(this->sessions().revoke("session" + std::to_string(i / 2), this->clock_.now() + std::chrono::days(1)));
    }
    for (const auto& result : this->runner_.run_all(std::move(tasks))) EXPECT_TRUE(result.has_value());
    for (int i = 0; i < 16; ++i) EXPECT_TRUE(this->revoked("session" + std::to_string(i)));
}

TYPED_TEST_P(SessionStoreContract, AddressesAreKnownPerAccount) {
    const auto alice = this->sign_up("alice");
    const auto bob = this->sign_up("bob");
    this->remember(alice, this->address(1));
    this->remember(alice, this->address(1));
    EXPECT_TRUE(this->knows(alice, this->address(1)));
    EXPECT_FALSE(this->knows(alice, this->address(2)));
    EXPECT_FALSE(this->knows(bob, this->address(1)));
}

TYPED_TEST_P(SessionStoreContract, OfManyAddressesTheThirtyTwoLatestAreKept) {
    const auto alice = this->sign_up("alice");
    for (int i = 0; i < 32; ++i) this->remember(alice, this->address(i));
    for (int i = 0; i < 32; ++i) EXPECT_TRUE(this->knows(alice, this->address(i))) << i;
    for (int i = 0; i < 3; ++i) this->remember(alice, this->address(0));
    this->remember(alice, this->address(32));
    EXPECT_TRUE(this->knows(alice, this->address(0)));
    EXPECT_FALSE(this->knows(alice, this->address(1)));
    for (int i = 2; i <= 32; ++i) EXPECT_TRUE(this->knows(alice, this->address(i))) << i;
}

TYPED_TEST_P(SessionStoreContract, EverythingIsThereAfterReopening) {
    PARLEY_DURABLE_ONLY(TypeParam);
    const auto alice = this->sign_up("alice");
    for (int i = 0; i <= 32; ++i) this->remember(alice, this->address(i));
    ASSERT_TRUE(this->revoke("session").has_value());
    this->reopen();
    EXPECT_TRUE(this->revoked("session"));
    EXPECT_FALSE(this->revoked("another"));
    EXPECT_FALSE(this->knows(alice, this->address(0)));
    EXPECT_TRUE(this->knows(alice, this->address(1)));
    this->remember(alice, this->address(33));
    EXPECT_FALSE(this->knows(alice, this->address(1)));
    EXPECT_TRUE(this->knows(alice, this->address(2)));
}

REGISTER_TYPED_TEST_SUITE_P(SessionStoreContract, OnlyWhatWasRevokedIsRevoked, RevokingTwiceIsRevokingOnce,
                            ARevocationHoldsUntilItsTokenExpires, ConcurrentRevocationsAllHold, AddressesAreKnownPerAccount,
                            OfManyAddressesTheThirtyTwoLatestAreKept, EverythingIsThereAfterReopening);

}  // namespace parley::storage::contract
